"""One session with flask.rs beside this file: `SECRET_KEY=... python flask_app.py`, then open http://localhost:5005."""

import os

from flask import Flask, session

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]


@app.get("/")
def home():
    session["visits"] = session.get("visits", 0) + 1
    return f"Visit number {session['visits']}, says Flask"


if __name__ == "__main__":
    app.run(port=5005)
