"""What another page in the same browser can make it send, with the person's cookie."""

from dataclasses import replace

from .attack import BROWSED, CHANGE, PAGE, Attack


def origin(name: str, value: str | None, status: int = 403) -> Attack:
    return Attack(f"origin: {name}", CHANGE, CHANGE.but(origin=value), status)


def fetched(name: str, site: str, mode: str, kind: str, **more: str) -> Attack:
    hostile = BROWSED.but(sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=kind, **more)
    return Attack(f"fetch: {name}", BROWSED, hostile, 403)


def typed(name: str, value: str | None) -> Attack:
    """A body that needs no preflight, from a page of another port."""
    hostile = replace(CHANGE.but(content_type=value, content_length="7"), body='{"a":1}')
    return Attack(f"type: {name}", CHANGE, hostile.but(origin="http://127.0.0.1:8888"), 403)


ATTACKS = [
    origin("missing", None),
    origin("null", "null"),
    Attack(
        "origin: null, as from a page in a sandbox",
        CHANGE,
        CHANGE.but(origin="null", sec_fetch_site="cross-site"),
        403,
    ),
    origin("empty", ""),
    origin("another site", "http://evil.example"),
    origin("another port", "http://127.0.0.1:8888"),
    origin("without the port", "http://127.0.0.1"),
    origin("localhost for the address", "http://localhost:PORT"),
    origin("https", "https://127.0.0.1:PORT"),
    origin("a socket", "ws://127.0.0.1:PORT"),
    origin("a file", "file://"),
    origin("an extension", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
    origin("ours as the beginning of a name", "http://127.0.0.1:PORT.evil.example"),
    origin("ours as the end of a name", "http://evil127.0.0.1:PORT"),
    origin("ours as user information", "http://127.0.0.1:PORT@evil.example"),
    origin("with a slash at the end", "http://127.0.0.1:PORT/"),
    origin("with a path", "http://127.0.0.1:PORT/page"),
    origin("in capitals", "HTTP://127.0.0.1:PORT"),
    origin("two in one line", "http://127.0.0.1:PORT, http://evil.example"),
    origin("two with a space", "http://127.0.0.1:PORT http://evil.example"),
    origin("IPv6", "http://[::1]:PORT"),
    origin("0.0.0.0", "http://0.0.0.0:PORT"),
    origin("any", "*"),
    Attack("origin: twice", CHANGE, CHANGE.and_also(("Origin", "http://evil.example")), 400),
    Attack(
        "origin: ours in the Referer alone",
        CHANGE,
        CHANGE.but(origin=None, referer="http://127.0.0.1:PORT/page"),
        403,
    ),
    Attack(
        "origin: foreign with a page asked for",
        PAGE,
        PAGE.but(origin="http://evil.example"),
        403,
    ),
    *(
        Attack(
            f"origin: missing with {method}",
            CHANGE.but(method=method),
            CHANGE.but(method=method, origin=None),
            403,
        )
        for method in ("PUT", "PATCH", "DELETE")
    ),
    Attack(
        "preflight: from another site",
        PAGE,
        PAGE.but(
            method="OPTIONS",
            origin="http://evil.example",
            access_control_request_method="DELETE",
            access_control_request_headers="x-desktop-token",
        ),
        403,
    ),
    Attack(
        "preflight: from a public page into the private network",
        PAGE,
        PAGE.but(
            method="OPTIONS",
            origin="https://evil.example",
            access_control_request_method="GET",
            access_control_request_private_network="true",
        ),
        403,
    ),
    fetched("a script of another site", "cross-site", "no-cors", "script"),
    fetched("a picture of another site", "cross-site", "no-cors", "image"),
    fetched("a style sheet of another site", "cross-site", "no-cors", "style"),
    fetched("a font of another site", "cross-site", "cors", "font"),
    fetched("a video of another site", "cross-site", "no-cors", "video"),
    fetched("a probe without CORS", "cross-site", "no-cors", "empty"),
    fetched("a manifest", "cross-site", "cors", "manifest"),
    fetched("a worker", "cross-site", "same-origin", "worker"),
    fetched("events of another site", "cross-site", "cors", "empty", accept="text/event-stream"),
    fetched("a report", "cross-site", "no-cors", "report"),
    fetched("a page of another port reads", "same-site", "cors", "empty"),
    fetched("a page of another port probes", "same-site", "no-cors", "empty"),
    fetched("a script of another port", "same-site", "no-cors", "script"),
    fetched("a frame of another site", "cross-site", "navigate", "iframe"),
    fetched("a frame of another port", "same-site", "navigate", "iframe"),
    fetched("an old frame", "cross-site", "navigate", "frame"),
    fetched("a fenced frame", "cross-site", "navigate", "fencedframe"),
    fetched("an object", "cross-site", "navigate", "object"),
    fetched("an embedded page", "cross-site", "navigate", "embed"),
    fetched("a link of another site, with the cookie", "cross-site", "navigate", "document"),
    fetched("a link of another port, with the cookie", "same-site", "navigate", "document"),
    fetched(
        "a page loaded ahead", "same-site", "navigate", "document", sec_purpose="prefetch;prerender"
    ),
    fetched("a site that is not known", "other-site", "navigate", "document"),
    fetched("an empty site", "", "navigate", "document"),
    fetched("a site in capitals", "CROSS-SITE", "navigate", "document"),
    Attack(
        "fetch: the site is said twice",
        BROWSED,
        BROWSED.and_also(("Sec-Fetch-Site", "cross-site")),
        400,
    ),
    Attack(
        "fetch: a form of another site",
        CHANGE,
        CHANGE.but(
            origin="http://evil.example",
            sec_fetch_site="cross-site",
            sec_fetch_mode="navigate",
            sec_fetch_dest="document",
        ),
        403,
    ),
    Attack(
        "fetch: a form of another site that hides its origin",
        CHANGE,
        CHANGE.but(
            sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document"
        ),
        403,
    ),
    Attack(
        "fetch: a beacon of another port",
        CHANGE,
        CHANGE.but(
            origin="http://127.0.0.1:8888",
            sec_fetch_site="same-site",
            sec_fetch_mode="no-cors",
            content_type="text/plain;charset=UTF-8",
        ),
        403,
    ),
    Attack(
        "fetch: HEAD of another site",
        BROWSED,
        BROWSED.but(method="HEAD", sec_fetch_site="cross-site"),
        403,
    ),
    typed("JSON sent as text/plain", "text/plain"),
    typed("JSON sent as a form", "application/x-www-form-urlencoded"),
    typed("JSON sent as a file", "multipart/form-data; boundary=x"),
    typed("JSON without a type", None),
    typed("two types", "text/plain; application/json"),
    Attack(
        "type: said twice",
        CHANGE,
        CHANGE.and_also(("Content-Type", "application/json")),
        400,
    ),
    Attack(
        "socket: a WebSocket of another site",
        PAGE,
        PAGE.but(
            connection="Upgrade",
            upgrade="websocket",
            origin="http://evil.example",
            sec_fetch_site="cross-site",
            sec_fetch_mode="websocket",
            sec_fetch_dest="websocket",
        ),
        400,
    ),
    Attack(
        "socket: a WebSocket of another site that leaves the upgrade out",
        PAGE,
        PAGE.but(origin="http://evil.example", sec_websocket_version="13"),
        403,
    ),
]
