"""Mounted under a prefix, with blueprints, a before_request, a policy and errors of its own."""

from flask import Blueprint, Flask, Response, g, request, session
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = Flask(__name__)
app.secret_key = "dev"
app.config["APPLICATION_ROOT"] = "/shop"
goods = Blueprint("goods", __name__, url_prefix="/goods")
NONCE = "c2hvcA"


@app.before_request
def count() -> tuple[str, int] | None:
    session["visits"] = session.get("visits", 0) + 1
    g.secret = "kept"
    return ("closed", 418) if request.args.get("closed") else None


@app.after_request
def strict(response: Response) -> Response:
    policy = request.args.get("policy", "default-src 'none'; script-src 'none'")
    response.headers["Content-Security-Policy"] = policy
    response.set_cookie("_desktop", "the shop's own")
    return response


@app.errorhandler(404)
def missing(_: Exception) -> tuple[str, int]:
    return "<!doctype html><title>Shop</title><p>The shop has no such thing.", 404


@goods.get("/")
def show() -> str:
    return f"<html><HEAD lang=en><title>Goods</title></HEAD>{session['visits']} {g.secret}</html>"


@goods.post("/")
def add() -> str:
    return f"added {request.form['name']}"


@app.get("/_desktop/quit")
def quit_() -> str:
    return "the shop's own page"


@app.get("/static/presence.js")
def script() -> Response:
    return Response("alert('shop')", mimetype="text/javascript")


app.register_blueprint(goods)
app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
    Flask("front").wsgi_app, {"/shop": app.wsgi_app}
)
