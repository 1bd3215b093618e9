"""Writes envelopes.json: bodies, and what the outermost JSON object of each says.

`encData` and `response.code` are read where they are text. A body that is no JSON object says
nothing, and neither does one that contradicts itself: of two codes neither can be believed. Every
body is also read by Python's json here, and has to say what is written beside it.
"""

import json

from cases import b64, write

NONE = (None, None)


def code(text: str):
    return (None, text)


def enc(text: str):
    return (text, None)


# name, body, (encData, response.code)
CASES = [
    # What the platform sends.
    ("success", b'{"response":{"code":"000_000","description":"Success"}}', code("000_000")),
    (
        "success_with_fields",
        b'{"response":{"code":"000_000","description":"Success"},"userId":10000000001}',
        code("000_000"),
    ),
    (
        "failure",
        b'{"response":{"code":"007_008","description":"Duplicated sequence id."}}',
        code("007_008"),
    ),
    ("unknown_code", b'{"response":{"code":"999_999","description":"?"}}', code("999_999")),
    ("code_of_another_form", b'{"response":{"code":"E-1"}}', code("E-1")),
    ("empty_code", b'{"response":{"code":""}}', code("")),
    ("code_with_spaces", b'{"response":{"code":" 000_000 "}}', code(" 000_000 ")),
    ("code_without_description", b'{"response":{"code":"000_000"}}', code("000_000")),
    (
        "description_first",
        b'{"response":{"description":"Success","code":"000_000"}}',
        code("000_000"),
    ),
    ("response_last", b'{"userId":10000000001,"response":{"code":"000_000"}}', code("000_000")),
    ("encrypted", b'{"encData":"a.b.c.d.e"}', enc("a.b.c.d.e")),
    ("encrypted_and_more", b'{"encData":"a.b.c.d.e","more":1}', enc("a.b.c.d.e")),
    (
        "encrypted_and_a_code",
        b'{"response":{"code":"000_000"},"encData":"a.b.c.d.e"}',
        ("a.b.c.d.e", "000_000"),
    ),
    ("encrypted_empty_text", b'{"encData":""}', enc("")),
    ("korean", '{"response":{"code":"000_000","description":"정상 🎁"}}'.encode(), code("000_000")),
    # JSON may be written in more than one way.
    ("white_space", b' \r\n\t{ "response" :\n { "code" : "000_000" } } \r\n', code("000_000")),
    ("escaped_name_encdata", b'{"enc\\u0044ata":"a.b.c.d.e"}', enc("a.b.c.d.e")),
    ("escaped_name_response", b'{"\\u0072esponse":{"\\u0063ode":"000_000"}}', code("000_000")),
    ("escaped_code", b'{"response":{"code":"\\u0030\\u00300_000"}}', code("000_000")),
    ("escaped_solidus", b'{"encData":"a\\/b"}', enc("a/b")),
    ("surrogate_pair", b'{"response":{"code":"\\ud83c\\udf81"}}', code("\U0001f381")),
    (
        "large_integer",
        b'{"response":{"code":"000_000"},"userId":9999999999999999999}',
        code("000_000"),
    ),
    # Names are as they are written, and stand where they stand.
    ("empty_object", b"{}", NONE),
    ("other_names", b'{"error":"not found"}', NONE),
    ("encdata_in_lower_case", b'{"encdata":"a.b.c.d.e"}', NONE),
    ("encdata_capitalised", b'{"EncData":"a.b.c.d.e"}', NONE),
    ("response_capitalised", b'{"Response":{"code":"000_000"}}', NONE),
    ("code_capitalised", b'{"response":{"Code":"000_000"}}', NONE),
    ("code_at_the_top", b'{"code":"000_000"}', NONE),
    ("name_with_a_point", b'{"response.code":"000_000"}', NONE),
    ("encdata_inside", b'{"body":{"encData":"a.b.c.d.e"}}', NONE),
    (
        "encdata_in_response",
        b'{"response":{"encData":"a.b.c.d.e","code":"000_000"}}',
        code("000_000"),
    ),
    ("response_inside", b'{"body":{"response":{"code":"000_000"}}}', NONE),
    ("code_deeper", b'{"response":{"status":{"code":"000_000"}}}', NONE),
    # Values of another type say nothing, and the rest is read all the same.
    ("encdata_null", b'{"encData":null,"response":{"code":"000_000"}}', code("000_000")),
    ("encdata_number", b'{"encData":7,"response":{"code":"000_000"}}', code("000_000")),
    ("encdata_object", b'{"encData":{"jwe":"a.b.c.d.e"}}', NONE),
    ("encdata_list", b'{"encData":["a.b.c.d.e"]}', NONE),
    ("encdata_false", b'{"encData":false}', NONE),
    ("response_null", b'{"response":null}', NONE),
    ("response_text", b'{"response":"000_000"}', NONE),
    ("response_list", b'{"response":[{"code":"000_000"}]}', NONE),
    ("response_empty", b'{"response":{}}', NONE),
    ("code_number", b'{"response":{"code":0}}', NONE),
    ("code_null", b'{"response":{"code":null}}', NONE),
    ("code_true", b'{"response":{"code":true}}', NONE),
    ("code_list", b'{"response":{"code":["000_000"]}}', NONE),
    ("code_object", b'{"response":{"code":{"value":"000_000"}}}', NONE),
    ("description_number", b'{"response":{"code":"000_000","description":7}}', code("000_000")),
    # Bodies that are no JSON object.
    ("nothing", b"", NONE),
    ("white_space_alone", b" \r\n", NONE),
    ("null", b"null", NONE),
    ("number", b"7", NONE),
    ("text", b'"000_000"', NONE),
    ("list", b'[{"response":{"code":"000_000"}}]', NONE),
    ("empty_list", b"[]", NONE),
    ("html", b"<html><body><h1>502 Bad Gateway</h1></body></html>", NONE),
    ("xml", b'<?xml version="1.0"?><response><code>000_000</code></response>', NONE),
    ("plain_text", b"Service Unavailable", NONE),
    ("form", b"encData=a.b.c.d.e", NONE),
    ("jwe_alone", b"a.b.c.d.e", NONE),
    ("cut_in_a_name", b'{"respon', NONE),
    ("cut_in_a_value", b'{"response":{"code":"000_0', NONE),
    ("cut_before_the_end", b'{"response":{"code":"000_000"}', NONE),
    ("cut_in_encdata", b'{"encData":"a.b.c', NONE),
    ("cut_behind_the_code", b'{"response":{"code":"000_000"},"userId":', NONE),
    ("one_brace_too_many", b'{"response":{"code":"000_000"}}}', NONE),
    ("two_objects", b'{"response":{"code":"000_000"}}{"response":{"code":"000_000"}}', NONE),
    ("text_behind", b'{"response":{"code":"000_000"}} ok', NONE),
    ("html_behind", b'{"response":{"code":"000_000"}}\n<!-- served by a proxy -->', NONE),
    ("text_in_front", b')]}\',\n{"response":{"code":"000_000"}}', NONE),
    ("comma_behind_the_last_member", b'{"response":{"code":"000_000"},}', NONE),
    ("comma_missing", b'{"response":{"code":"000_000"} "userId":1}', NONE),
    ("single_quotes", b"{'response':{'code':'000_000'}}", NONE),
    ("names_without_quotes", b'{response:{code:"000_000"}}', NONE),
    ("value_without_quotes", b'{"response":{"code":000_000}}', NONE),
    ("comment", b'{"response":{"code":"000_000"} /* ok */}', NONE),
    ("wrong_escape", b'{"response":{"code":"\\x30"}}', NONE),
    # Bodies that contradict themselves. Parsers that keep the first or the last would differ.
    ("response_twice", b'{"response":{"code":"000_000"},"response":{"code":"007_008"}}', NONE),
    (
        "response_twice_success_last",
        b'{"response":{"code":"007_008"},"response":{"code":"000_000"}}',
        NONE,
    ),
    ("code_twice", b'{"response":{"code":"000_000","code":"007_008"}}', NONE),
    ("code_twice_success_last", b'{"response":{"code":"007_008","code":"000_000"}}', NONE),
    ("code_twice_once_escaped", b'{"response":{"code":"007_008","\\u0063ode":"000_000"}}', NONE),
    ("encdata_twice", b'{"encData":"a.b.c.d.e","encData":"f.g.h.i.j"}', NONE),
    ("encdata_twice_null_first", b'{"encData":null,"encData":"a.b.c.d.e"}', NONE),
    ("encdata_twice_null_last", b'{"encData":"a.b.c.d.e","encData":null}', NONE),
]


class Contradiction(Exception):
    pass


def unique(members: list) -> dict:
    if len(dict(members)) != len(members):
        raise Contradiction
    return dict(members)


def read(body: bytes):
    """What Python's json makes of a body."""
    try:
        document = json.loads(body.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, Contradiction):
        return NONE
    if not isinstance(document, dict):
        return NONE
    response = document.get("response")
    said = response.get("code") if isinstance(response, dict) else None
    texts = (document.get("encData"), said)
    return tuple(text if isinstance(text, str) else None for text in texts)


def main() -> None:
    cases = []
    for name, body, said in CASES:
        assert read(body) == said, (name, read(body))
        cases.append({"name": name, "body_base64": b64(body), "enc_data": said[0], "code": said[1]})
    write("envelopes.json", "make/envelopes.py, Python's json", cases)


if __name__ == "__main__":
    main()
