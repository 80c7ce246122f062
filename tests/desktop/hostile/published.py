"""Attacks on local servers that were published, as they would come here.

Each is sent with the owner's cookie wherever the browser would add it, which is the worst case: the
programs that were attacked asked for none.
"""

from dataclasses import replace

from .attack import BROWSED, CHANGE, PAGE, Attack, Request

REBOUND = "rebound.evil.example:PORT"


def rebound(name: str, honest: Request, **more: str) -> Attack:
    """After a rebinding the browser takes our program for the attacker's own site, so that Host
    and Origin agree, and sends no Sec-Fetch headers at all over plain HTTP."""
    origin = {} if honest is PAGE else {"origin": f"http://{REBOUND}"}
    return Attack(name, honest, honest.but(host=REBOUND, **origin, **more), 421)


def socket(name: str, origin: str) -> Attack:
    hostile = PAGE.but(
        connection="keep-alive, Upgrade",
        upgrade="websocket",
        origin=origin,
        sec_websocket_version="13",
        sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
    )
    return Attack(name, PAGE, hostile, 400)


def json_of(text: str, **more: str) -> Request:
    return replace(CHANGE.but(content_length=str(len(text)), **more), body=text)


ATTACKS = [
    rebound(
        "Ollama, rebinding (CVE-2024-28224): reads the list of models", PAGE, target="/api/tags"
    ),
    rebound(
        "Ollama, rebinding (CVE-2024-28224): deletes a model",
        json_of('{"name":"llama"}', method="DELETE", target="/api/delete"),
    ),
    rebound(
        "Transmission, rebinding (CVE-2018-5702): its own proof is read, then sent",
        json_of('{"method":"session-set"}', target="/transmission/rpc"),
        x_transmission_session_id="read-before",
    ),
    rebound("Jupyter, rebinding: reads the list of kernels", PAGE, target="/api/kernels"),
    rebound(
        "Jupyter, rebinding: starts a terminal",
        json_of("{}", target="/api/terminals", content_type="application/json"),
    ),
    rebound("Blizzard's agent, rebinding (2018): asks for the local secret", PAGE, target="/agent"),
    rebound(
        "Geth, rebinding (2018): JSON-RPC",
        json_of('{"jsonrpc":"2.0","method":"eth_accounts","id":1}'),
    ),
    rebound("Werkzeug's debugger (CVE-2024-34069)", PAGE, target="/?__debugger__=yes&cmd=1"),
    rebound("Selenium Grid (CVE-2022-28108): a new session", json_of("{}", target="/session")),
    Attack(
        "Selenium Grid (CVE-2022-28108): a new session, JSON as text/plain",
        CHANGE,
        json_of('{"capabilities":{}}', content_type="text/plain", origin="http://evil.example"),
        403,
    ),
    Attack(
        "Zoom's local server (CVE-2019-13450): joins by a picture's address",
        BROWSED,
        BROWSED.but(
            target="/launch?action=join&confno=1",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
            sec_fetch_dest="image",
        ),
        403,
    ),
    Attack(
        "Zoom's local server (CVE-2019-13450): joins in a hidden frame",
        BROWSED,
        BROWSED.but(
            target="/launch?action=join&confno=1",
            sec_fetch_site="cross-site",
            sec_fetch_dest="iframe",
        ),
        403,
    ),
    Attack(
        "Vite (CVE-2025-24010): a page of another site reads a module",
        PAGE,
        PAGE.but(target="/src/main.js", origin="http://evil.example", sec_fetch_site="cross-site"),
        403,
    ),
    socket("Vite (CVE-2025-24010): a WebSocket of another site", "http://evil.example"),
    socket("Next.js (CVE-2026-27977): a WebSocket of origin null", "null"),
    socket("Jupyter Server Proxy (CVE-2024-28179): a WebSocket", "http://127.0.0.1:PORT"),
    Attack(
        "webpack-dev-server (CVE-2025-30359): a classic script of another site",
        BROWSED,
        BROWSED.but(
            target="/main.js",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
            sec_fetch_dest="script",
        ),
        403,
    ),
    Attack(
        "webpack-dev-server (CVE-2026-14631): a Host that cannot be read",
        PAGE,
        PAGE.but(host="[::1"),
        421,
    ),
    Attack(
        "webpack-dev-server (CVE-2026-14631): an Origin that cannot be read",
        PAGE,
        PAGE.but(origin="http://[::1"),
        403,
    ),
    Attack(
        "Jupyter (CVE-2019-9644): a notebook included as a script",
        BROWSED,
        BROWSED.but(
            target="/files/notebook.ipynb",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
            sec_fetch_dest="script",
        ),
        403,
    ),
    Attack(
        "Web Console of Rails (CVE-2015-3224): this machine, says X-Forwarded-For",
        PAGE,
        PAGE.but(cookie=None, x_forwarded_for="0000::1", target="/console"),
        403,
    ),
    Attack(
        "0.0.0.0-day: a public page reaches us by 0.0.0.0",
        CHANGE,
        CHANGE.but(host="0.0.0.0:PORT", origin="http://evil.example"),
        421,
    ),
    Attack(
        "0.0.0.0-day, MCP Inspector (CVE-2025-49596): a command in the address, without CORS",
        PAGE,
        PAGE.but(
            host="0.0.0.0:PORT",
            target="/sse?transportType=stdio&command=touch&args=/tmp/here",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
        ),
        421,
    ),
    Attack(
        "MCP Inspector (CVE-2025-49596): a command in the address, by 127.0.0.1",
        BROWSED,
        BROWSED.but(
            target="/sse?transportType=stdio&command=touch&args=/tmp/here",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
            sec_fetch_dest="empty",
        ),
        403,
    ),
    Attack(
        "a cookie set by another port shadows ours for a longer path",
        PAGE,
        PAGE.but(cookie="myapp-PORT=1.evil.0; COOKIE"),
        200,
        harmless=True,
    ),
    Attack(
        "a cookie received on another port is sent by a page of that port",
        CHANGE,
        CHANGE.but(origin="http://127.0.0.1:8888", sec_fetch_site="same-site"),
        403,
    ),
    Attack(
        "JSON sent as text/plain by a page of another port",
        CHANGE,
        json_of('{"ids":[1]}', content_type="text/plain", origin="http://127.0.0.1:8888"),
        403,
    ),
    Attack(
        "a cached login: a stranger's entry link is followed for the person",
        BROWSED,
        BROWSED.but(
            target="/_desktop/enter?code=of-a-stranger",
            cookie=None,
            sec_fetch_site="cross-site",
        ),
        403,
    ),
]
