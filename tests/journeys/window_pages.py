"""Pages that use what a native window must do, and then end the program."""

from pathlib import Path

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def first() -> str:
    return """<!doctype html><title>First</title>
    <a id="outside" href="https://example.org/">outside</a>
    <a id="inside" href="/second" target="_blank">inside</a>
    <script>
    const tell = (seen) => fetch("/seen", { method: "POST", body: seen });
    async function go() {
      if (!window.ownWindow) return setTimeout(go, 100);
      await tell("first");
      outside.click();
      setTimeout(() => inside.click(), 500);
    }
    go();
    </script>"""


@app.get("/second")
def second() -> str:
    return """<!doctype html><title>Second</title>
    <script type="module">
    await fetch("/seen", { method: "POST", body: "second" });
    const text = await (await fetch("/_desktop/")).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const token = page.querySelector("[name=_token]").value;
    await fetch("/_desktop/quit", { method: "POST", headers: { "X-Desktop-Token": token } });
    </script>"""


@app.post("/seen")
def seen() -> str:
    with (Path(app.instance_path) / "seen").open("a", encoding="ascii") as file:
        file.write(request.get_data(as_text=True) + "\n")
    return ""
