"""The Flask application: one blueprint a page family, forms, JSON endpoints. No SQL lives here."""

from .application import create_app

__all__ = ["create_app"]
