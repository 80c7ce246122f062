"""The Flask application: one blueprint a page family, forms, JSON endpoints. No SQL lives here."""
