"""What Flask reads in texts and cookies that it would not write itself, as lines of JSON.

    reading.py values SEED COUNT     session texts: what they are, whether it is true, and the session of them
    reading.py cookies SEED COUNT    `Cookie` headers: the session that Flask opens

Values are in the neutral form of the project's vectors.
"""

import base64
import json
import random
import struct
import sys
import uuid
from datetime import datetime, timezone

from flask import Flask
from flask.sessions import SecureCookieSession
from markupsafe import Markup
from werkzeug.test import EnvironBuilder

app = Flask(__name__)
app.secret_key = "a secret of more than sixteen bytes"
interface = app.session_interface
dice = random.Random(int(sys.argv[2]))

TAGS = [" t", " b", " m", " u", " d", " di"]
KEYS = TAGS + ["a", "b", "c", "", "ab", "abcd", " t__", " di__", " d__", " m____", " zz", "_permanent", "\u00e9"]
TEXTS = [
    "", "a", "ab", "ab'", 'ab"', "a'\"", "\n\t\r\\", "\x7f\x1b", "\u00e9", "\u00ad", "\u0301", "\u200b", "\U0001f600",
    "\ue000", "<b>", "QQ==", "QUI=", "QUJD", "QUJ", "Q", "!Q U-J_D=", "=", "QQ==QQ==", "QUI=QUJD", "eAB4", "Q=Q=",
    "12345678123446789234567812abcdef", "12345678-1234-4678-9234-567812ABCDEF", "{12345678-1234-4678-9234-567812abcdef}",
    "urn:uuid:12345678-1234-4678-9234-567812abcdef", "urn:12345678123446789234567812uuid:abcdef", "{{1234567812344678923456781234abcdef}",
    "0x345678123446789234567812abcdef", "0X_45678123446789234567812abcdef", "+2345678123446789234567812abcdef",
    " 2345678123446789234567812abcde ", "1234_5678_1234_4678_9234_567812a", "_2345678123446789234567812abcdef",
    "1234__78123446789234567812abcdef", "+0x45678123446789234567812abcdef", "0x+45678123446789234567812abcdef",
    "1234567812344678923456781234567\u00e9", "\u00a02345678123446789234567812abcdef",
    "Tue, 02 Jan 2024 03:04:05 GMT", "Tue, 02 Jan 2024 03:04:05 +0200", "Tue, 02 Jan 2024 03:04 -0530",
    "Tue, 02 Jan 2024 03:04:00 +0199", "Tue, 02 Jan 2024 03:04:05 -2359", "2 January 24 03.04.05 EST", "Tue Jan 2 03:04:05 2024",
    "Tuesday, 02-Jan-24 03:04:05", "Tue, 32 Jan 2024 03:04:05", "Tue, 02 Jan 2024 25:04:05 GMT", "Tue, 02 Jan 2024 03:04:05 +9900",
    "Tue, 02 Jan 99999999999 03:04:05 GMT", "Jan 2, 2024 03:04:05", "1 1 1 1 1", ",", " ", "x, y z", "02 Jan 0001 00:00:00",
    "Tue, 02 Jan 2024 03:04:05 GMT (a comment)", "Tue, +2 Jan 2_024 0_3:04:05 GMT", "2024 Jan 2 03:04:05", "02 Jan 03:04:05 2024",
]  # fmt: skip
NUMBERS = ["0", "-0", "1", "7", "-1", "0.0", "-0.0", "1e400", "-1e400", "1e16", "1.5e-7", "123456789012345678901234567890",
           "-9223372036854775808", "9223372036854775808", "NaN", "Infinity", "-Infinity", "true", "false", "null"]  # fmt: skip
BROKEN = ["01", "1.", "nul", "'a'", '"\\x"', "[1,]", '{"a"}', '"', "+1", ".5", "--1", '"\t"']


def space():
    return dice.choice(["", "", "", "", "", " ", "\t", "\r\n"])


def text(string):
    return json.dumps(string, ensure_ascii=dice.random() < 0.7)


def value(depth):
    roll = dice.random()
    if roll < 0.002:
        return dice.choice(BROKEN)
    if depth == 0 or roll < 0.2:
        return text(dice.choice(TEXTS))
    if roll < 0.3:
        return dice.choice(NUMBERS)
    if roll < 0.45:
        items = [value(depth - 1) for _ in range(dice.randrange(4))]
        return f"[{space()}{(',' + space()).join(items)}{space()}]"
    if roll < 0.8:
        return members([tagged(depth)])
    many = [tagged(depth) if dice.random() < 0.3 else member(dice.choice(KEYS), value(depth - 1)) for _ in range(dice.randrange(4))]
    return members(many)


def members(many):
    return "{" + space() + ("," + space()).join(many) + space() + "}"


def member(key, of):
    key = text(key).replace(" ", "\\u0020") if dice.random() < 0.1 else text(key)
    return f"{key}{space()}:{space()}{of}"


def tagged(depth):
    return member(dice.choice(TAGS), text(dice.choice(TEXTS)) if dice.random() < 0.5 else value(depth - 1))


def session_text(depth):
    if dice.random() < 0.5:
        return value(depth)
    return members([member(dice.choice(KEYS), value(depth - 1)) for _ in range(dice.randrange(4))])


def neutral(of):
    kind = type(of)
    if of is None:
        return {"type": "none"}
    if kind is bool:
        return {"type": "bool", "value": of}
    if kind is int:
        return {"type": "int", "value": str(of)}
    if kind is float:
        return {"type": "float", "bits": struct.pack(">d", of).hex()}
    if kind is str:
        return {"type": "str", "value": of}
    if kind is bytes:
        return {"type": "bytes", "hex": of.hex()}
    if kind is list:
        return {"type": "list", "items": [neutral(item) for item in of]}
    if kind is tuple:
        return {"type": "tuple", "items": [neutral(item) for item in of]}
    if kind is Markup:
        return {"type": "markup", "value": str(of)}
    if kind is uuid.UUID:
        return {"type": "uuid", "value": str(of)}
    if kind is datetime:
        return {"type": "datetime", "unix_seconds": int((of - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())}
    if kind in (dict, SecureCookieSession):
        return {"type": "dict", "items": [[neutral(key), neutral(item)] for key, item in of.items()]}
    raise TypeError(kind)


def values():
    written = session_text(dice.randrange(1, 5))
    case = {"text": written, "value": None, "session": None}
    try:
        found = interface.serializer.loads(written)
        case["value"] = neutral(found)
        case["truth"] = bool(found)
        session = SecureCookieSession(found)
        if all(isinstance(key, str) for key in session):
            case["session"] = neutral(session)
            case["permanent"] = bool(session.permanent)
    except Exception as error:
        case["error"] = type(error).__name__
    return case


def quoted(plain):
    """A value in quotes, some of its characters escaped."""
    out = []
    for byte in plain.encode():
        roll = dice.random()
        if roll < 0.2:
            out.append(f"\\{byte:03o}")
        elif roll < 0.3 and not chr(byte).isdigit():
            out.append("\\" + chr(byte))
        else:
            out.append(chr(byte))
    return '"' + "".join(out) + '"'


def cookie(signed):
    """One pair of a header, mostly of the session's name."""
    roll = dice.random()
    if roll < 0.25:
        return f"{space_in()}session{space_in()}={space_in()}{signed}{space_in()}"
    if roll < 0.5:
        return f"session{space_in()}={space_in()}{quoted(signed)}{space_in()}"
    return dice.choice([
        "session", "session=", 'session=""', "session=;", f"session={signed}x", f"session={signed[:-2]}", f"session={signed} x",
        f'session="{signed}', f'session={signed}"', f'session="{signed}"x', f"session=a b; session={signed}", f"Session={signed}",
        f"xsession={signed}", f"sessio={signed}", "session =", "a=b", 'a="b; c', 'a="b;', f'a="; session={signed}; b="', "=x", ";", "a",
        f'session="\\"{signed}"', f"session=\u00e9{signed}", f"session=%22{signed}", "session x", '"session"=a', "session\\=a",
    ])  # fmt: skip


def space_in():
    return dice.choice(["", "", "", " ", "\t", "  "])


def cookies():
    texts = ['{"a":1}', '{"b":[1,{" t":[2]}]}', "{}", '{"a":{" t":{"x":1,"y":2}}}', '{" t":5}', '{"a":{" b":"Q"}}', "7", "[]"]
    signer = interface.get_signing_serializer(app)
    signed = []
    for written in dice.choices(texts, k=3):
        payload = base64.urlsafe_b64encode(written.encode()).rstrip(b"=")
        signed.append(signer.make_signer(signer.salt).sign(payload).decode())
    fields = ["; ".join(cookie(dice.choice(signed)) for _ in range(dice.randrange(1, 4))) for _ in range(dice.choice([1, 1, 1, 2]))]
    case = {"fields": fields, "session": None}
    headers = [("Cookie", ";".join(fields))]
    try:
        request = app.request_class(EnvironBuilder(headers=headers).get_environ())
        case["session"] = neutral(interface.open_session(app, request))
    except Exception as error:
        case["error"] = type(error).__name__
    return case


for _ in range(int(sys.argv[3])):
    print(json.dumps({"values": values, "cookies": cookies}[sys.argv[1]]()))
