"""Cookies and entry links that were copied, guessed, forged or set by another server."""

from .attack import BROWSED, CHANGE, PAGE, Attack

NAME = "myapp-PORT"
GUESS = "1700000000.AAAAAAAAAAAAAAAAAAAAAAAA." + "0" * 64


def cookie(name: str, value: str | None, *, harmless: bool = False) -> Attack:
    return Attack(
        f"cookie: {name}", PAGE, PAGE.but(cookie=value), 200 if harmless else 403, harmless
    )


def entry(name: str, query: str) -> Attack:
    hostile = PAGE.but(target=f"/_desktop/enter{query}", cookie=None)
    return Attack(f"entry: {name}", PAGE, hostile, 403)


ATTACKS = [
    cookie("none", None),
    cookie("empty", ""),
    cookie("of our name, empty", f"{NAME}="),
    cookie("of our name without a value", NAME),
    cookie("guessed", f"{NAME}={GUESS}"),
    cookie("short", f"{NAME}=a.b"),
    cookie("only dots", f"{NAME}=.."),
    cookie("no signature", f"{NAME}=1700000000.AAAA."),
    cookie("letters that no signature has", f"{NAME}=1.a.\xe9"),
    cookie("a number where none fits", f"{NAME}=-1.a.b"),
    cookie("a very long one", f"{NAME}={'a' * 30_000}"),
    cookie("of another port's name", "myapp-1=1.a.b"),
    cookie("of the application's own", "session=eyJhIjoxfQ.AAAA.BBBB"),
    cookie("our name in capitals", "MYAPP-PORT=1.a.b"),
    cookie("the value with a letter more", "COOKIEa"),
    cookie("the value with a letter less in front", "COOKIE".replace("COOKIE", "xCOOKIE")),
    cookie("the value in quotes", f'{NAME}="1.a.b"'),
    cookie("in two pieces, joined by a comma", "a=b, COOKIE"),
    cookie("after a forged one of the same name", f"{NAME}={GUESS}; COOKIE", harmless=True),
    cookie("before a forged one of the same name", f"COOKIE; {NAME}={GUESS}", harmless=True),
    cookie("beside an odd one of another server", 'a={"b":"c;d"}; e=[\x80]; COOKIE', harmless=True),
    cookie(
        "beside many of other servers",
        "; ".join(f"c{n}=1" for n in range(900)) + "; COOKIE",
        harmless=True,
    ),
    Attack("cookie: twice", PAGE, PAGE.and_also(("Cookie", f"{NAME}={GUESS}")), 400),
    Attack(
        "cookie: in another header",
        PAGE,
        PAGE.but(cookie=None, authorization="Bearer COOKIE", x_cookie="COOKIE"),
        403,
    ),
    Attack("cookie: in the address", PAGE, PAGE.but(cookie=None, target="/page?COOKIE"), 403),
    Attack("cookie: none, with a change", CHANGE, CHANGE.but(cookie=None), 403),
    Attack(
        "cookie: none, although a page of ours asks",
        BROWSED,
        BROWSED.but(cookie=None),
        403,
    ),
    entry("without a code", ""),
    entry("with an empty code", "?code="),
    entry("with a guessed code", "?code=abc"),
    entry("with a code that is not text", "?code=%ff%fe%00"),
    entry("with a very long code", "?code=" + "a" * 20_000),
    entry("with two codes", "?code=a&code=b"),
    entry("with a target elsewhere", "?code=abc&next=//evil.example"),
    Attack(
        "entry: by POST, from a form of another site",
        CHANGE,
        CHANGE.but(target="/_desktop/enter?code=abc", cookie=None, origin="http://evil.example"),
        403,
    ),
    Attack(
        "entry: in a frame",
        BROWSED,
        BROWSED.but(
            target="/_desktop/enter?code=abc", sec_fetch_site="cross-site", sec_fetch_dest="iframe"
        ),
        403,
    ),
    Attack(
        "hand-over: without a proof",
        CHANGE,
        CHANGE.but(target="/_desktop/handover", cookie=None),
        403,
    ),
    Attack(
        "hand-over: with a guessed proof",
        CHANGE,
        CHANGE.but(target="/_desktop/handover", x_desktop_proof="0" * 64),
        403,
    ),
    Attack(
        "hand-over: with a proof that is not text",
        CHANGE,
        CHANGE.but(target="/_desktop/handover", x_desktop_proof="\xe9"),
        403,
    ),
    Attack(
        "hand-over: from a page of another site",
        CHANGE,
        CHANGE.but(target="/_desktop/handover", origin="http://evil.example"),
        403,
    ),
    Attack(
        "hand-over: asked by a script of another site",
        BROWSED,
        BROWSED.but(
            target="/_desktop/handover?nonce=a", sec_fetch_site="cross-site", sec_fetch_mode="cors"
        ),
        403,
    ),
    Attack("quit: without a token", CHANGE, CHANGE.but(target="/_desktop/quit"), 403),
    Attack(
        "quit: with a guessed token",
        CHANGE,
        CHANGE.but(target="/_desktop/quit", x_desktop_token="0" * 64),
        403,
    ),
    Attack(
        "quit: with the token under another name",
        CHANGE,
        CHANGE.but(target="/_desktop/quit").and_also(("X_Desktop_Token", "TOKEN")),
        403,
    ),
    Attack("quit: by GET", PAGE, PAGE.but(target="/_desktop/quit"), 404),
    Attack(
        "quit: by GET with the token", PAGE, PAGE.but(target="/_desktop/quit?_token=TOKEN"), 404
    ),
    Attack(
        "presence: a page of nobody's",
        CHANGE,
        CHANGE.but(target="/_desktop/presence", cookie=None),
        403,
    ),
    Attack(
        "health: read by a page of another site",
        BROWSED,
        BROWSED.but(
            target="/_desktop/health", sec_fetch_site="cross-site", sec_fetch_mode="no-cors"
        ),
        403,
    ),
]
