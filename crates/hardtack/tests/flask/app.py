"""A plain Flask application that shares its session with a Rust one.

It prints its port once it listens, and ends when its standard input does.
"""

import datetime
import math
import os
import sys
import threading
import uuid

from flask import Flask, abort, flash, get_flashed_messages, jsonify, request, session
from markupsafe import Markup
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
app.config["SECRET_KEY_FALLBACKS"] = os.environ.get("FALLBACKS", "").split()

MOMENT = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)

TYPES = {
    "tuple": (1, "two", (3.5, None)),
    "list": [1, [2, 3], {"k": "v"}],
    "bytes": b"\x00\xff raw",
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "datetime": MOMENT,
    "markup": Markup("<b>bold</b>"),
    "escaped": {" t": [1, 2]},
    "big": 2**200,
    "negative": -(2**63),
    "text": "na\u00efve \U0001f600 \x7f <&>",
    "truth": True,
    "nothing": None,
    "float": 1e16,
    "small": 1e-07,
    "infinite": -math.inf,
}


@app.get("/put-types")
def put_types():
    for key, value in TYPES.items():
        session[key] = value
    session["nan"] = math.nan
    return "ok"


@app.get("/check-types")
def check_types():
    for key, value in TYPES.items():
        found = session[key]
        if type(found) is not type(value) or found != value:
            return f"{key}: {found!r} of {type(found)} is not {value!r}", 500
    if type(session["tuple"][2]) is not tuple:
        return "the inner tuple is none", 500
    if not math.isnan(session["nan"]):
        return "nan is a number", 500
    return "ok"


@app.get("/login")
def login():
    session["_user_id"] = request.args["user"]
    flash("Welcome", "greeting")
    return "ok"


@app.get("/profile")
def profile():
    if "_user_id" not in session:
        abort(401)
    return session["_user_id"]


@app.get("/flashes")
def flashes():
    return jsonify(get_flashed_messages(with_categories=True))


@app.get("/logout")
def logout():
    session.pop("_user_id", None)
    return "ok"


server = make_server("127.0.0.1", 0, app)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
