"""Writes responses.json: what comes over HTTP, and what a program is told of it.

Wants PyYAML, and jwcrypto, which encrypts. Messages that must not decrypt are those of
jwe_negative.json. What a code proves is read from the description, by verdicts.py.

A message that is in the file already is kept where jwcrypto still decrypts it to what it has to say,
so that the file is the same on every run although encryption is not.
"""

import json
from base64 import b64decode

from cases import ROOT, b64, write
from messages import HEADER_256, HEADER_MORE, RECEIVER, Encrypted, negative
from verdicts import SUCCESS, Description

RECHARGE = "/api/v1/recharges/by-bank-accounts/no-hce"
CREDIT = "/api/v1/recharges/online-payment/transaction/generate"
GIFT = "/api/v1/gifts/cards/transmission/no-hce"
RESULT = "/api/v1/recharges/by-bank-account/result/inquiry"
MEMBER = "/api/v1/user/info"
TOKEN = "/api/v2/payment/generate/onetimetoken"
PASSWORD = "/api/v1/user/password/check"
HISTORY = "/api/v1/transaction/card"
NEW = "/api/v1/unknown/operation"

JSON = {"Content-Type": "application/json"}
JSON_UTF8 = {"Content-Type": "application/json;charset=UTF-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

DESCRIPTION = Description()


def said(code: str, more: str = "", description: str = "[message]") -> str:
    """A body of the platform."""
    status = json.dumps({"code": code, "description": description}, ensure_ascii=False, separators=(",", ":"))
    return '{"response":%s%s}' % (status, "," + more if more else "")


OK = said(SUCCESS)
COMPLETED = said(SUCCESS, '"result":"COMPLETED"')
RECHARGED = said(SUCCESS, '"nrNumber":"NR-1","isPending":false')
# Above 2^63-1, and above what a double holds.
LARGEST = said(SUCCESS, '"userId":9999999999999999999,"name":"김코나 🎁","expiryTime":1773539142345')


def case(name, why, path, status, headers, body, expect):
    return {
        "name": name,
        "why": why,
        "path": path,
        "status": status,
        "headers": headers,
        "body": body,
        "expect": expect,
    }


def success(name, why, path, body, status=200, headers=JSON):
    plaintext = body.plaintext if isinstance(body, Encrypted) else body.encode()
    expect = {"kind": "success", "plaintext_base64": b64(plaintext)}
    return case(name, why, path, status, headers, body, expect)


def failure(name, why, path, code, body=None, status=400, headers=JSON):
    delivery = DESCRIPTION.verdict(path, status, code)
    expect = {"kind": "failure", "code": code, "status": status, "delivery": delivery}
    return case(name, why, path, status, headers, said(code) if body is None else body, expect)


def problem(name, why, path, status, headers, body):
    return case(name, why, path, status, headers, body, {"kind": "problem", "delivery": "maybe-processed"})


def cut(name, why, path, body, status=200):
    """A success that is no JSON further on. Who reads so far may say that it was carried out."""
    made = problem(name, why, path, status, JSON, body)
    made["or"] = {"kind": "problem", "delivery": "processed-unreadable"}
    return made


def successes():
    yield success("success", "code 000_000, status 200", RESULT, COMPLETED)
    yield success("success_of_a_call_that_moves_money", "the body stays as it is", RECHARGE, RECHARGED)
    yield success("success_without_fields", "the code is all that a success needs", PASSWORD, OK)
    yield success(
        "success_without_description", "the description may be missing", PASSWORD, '{"response":{"code":"000_000"}}'
    )
    yield success("success_with_status_201", "every status 2xx is one of success", RESULT, COMPLETED, status=201)
    yield success("success_with_status_202", "every status 2xx is one of success", RECHARGE, RECHARGED, status=202)
    yield success("success_with_charset", "the type may have parameters", RESULT, COMPLETED, headers=JSON_UTF8)
    yield success("success_as_html", "the body decides, not its type", RESULT, COMPLETED, headers=HTML)
    yield success("success_without_type", "the body decides, not its type", RESULT, COMPLETED, headers={})
    yield success(
        "success_with_white_space",
        "JSON may have white space around it",
        RESULT,
        "\r\n " + COMPLETED.replace(":", " : ") + "\n",
    )
    yield success("success_of_an_unknown_path", "the description need not know the path", NEW, said(SUCCESS, '"a":1'))
    yield success(
        "success_with_unknown_fields",
        "fields that nobody described stay",
        RESULT,
        said(SUCCESS, '"result":"COMPLETED","new":{"deep":[1,{"a":null}]}'),
    )
    yield success(
        "success_with_unknown_enum_value",
        "values that nobody described stay",
        RESULT,
        said(SUCCESS, '"result":"SOMETHING_NEW"'),
    )
    yield success(
        "success_with_null_and_empty",
        "null and empty text stay what they are",
        RESULT,
        said(SUCCESS, '"result":null,"nrNumber":"","list":[],"object":{}'),
    )
    yield success(
        "success_with_korean", "text is UTF-8", HISTORY, said(SUCCESS, '"merchantName":"커피 두 잔 ☕"', "정상")
    )
    yield success(
        "success_with_escapes",
        "escapes are what they stand for",
        HISTORY,
        said(SUCCESS, '"merchantName":"\\ud55c\\uae00 \\"A\\\\B\\" \\ud83c\\udf81\\n"'),
    )
    yield success(
        "success_with_the_largest_member_id", "9999999999999999999 is exact: it is above 2^63-1", MEMBER, LARGEST
    )
    yield success(
        "success_with_integers_at_the_borders",
        "2^53 and more are exact",
        MEMBER,
        said(
            SUCCESS,
            '"a":9007199254740991,"b":9007199254740992,"c":9007199254740993,"d":9223372036854775807,"e":9223372036854775808,"f":18446744073709551615,"g":-9223372036854775808,"h":-1,"i":0',
        ),
    )
    yield success(
        "success_with_decimals",
        "decimals stay what they are",
        HISTORY,
        said(SUCCESS, '"rate":0.1,"amount":50000.5,"point":-0.25'),
    )
    yield success(
        "success_with_digits_as_text",
        "text of digits stays text",
        CREDIT,
        said(SUCCESS, '"transactionId":"00000000000000000001","amount":"20000"'),
    )
    yield success(
        "success_with_code_elsewhere",
        "only response.code is the code",
        RESULT,
        said(SUCCESS, '"code":"007_008","body":{"response":{"code":"007_008"}}'),
    )
    yield success(
        "success_with_encdata_null",
        "encData that is no text is a field like others",
        RESULT,
        said(SUCCESS, '"encData":null'),
    )
    yield success(
        "success_with_encdata_number",
        "encData that is no text is a field like others",
        RESULT,
        said(SUCCESS, '"encData":7'),
    )
    yield success(
        "success_with_encdata_inside",
        "only encData at the top is a message",
        RESULT,
        said(SUCCESS, '"body":{"encData":"a.b.c.d.e"}'),
    )


def encrypted_successes():
    yield success("encrypted_success", "A128GCM, as the platform encrypts", MEMBER, Encrypted(LARGEST))
    yield success("encrypted_success_a256gcm", "A256GCM is accepted, too", MEMBER, Encrypted(LARGEST, HEADER_256))
    yield success(
        "encrypted_success_with_more_in_its_header",
        "kid, typ and cty change nothing",
        MEMBER,
        Encrypted(LARGEST, HEADER_MORE),
    )
    yield success(
        "encrypted_success_that_nobody_announced",
        "encData is decrypted, whatever the description says",
        RESULT,
        Encrypted(COMPLETED),
    )
    yield success(
        "encrypted_success_of_a_call_that_moves_money",
        "the call is encrypted, and so is its response",
        CREDIT,
        Encrypted(said(SUCCESS, '"transactionId":"12345678901234567890"')),
    )
    yield success("encrypted_success_of_an_unknown_path", "encData is decrypted, whatever the path", NEW, Encrypted(OK))
    yield success(
        "encrypted_success_as_html", "the body decides, not its type", MEMBER, Encrypted(LARGEST), headers=HTML
    )
    yield success(
        "encrypted_success_with_status_201",
        "every status 2xx is one of success",
        TOKEN,
        Encrypted(said(SUCCESS, '"oneTimeToken":"5297000000000013","dcvv":"471","expiryTime":1773539142345')),
        status=201,
    )
    yield success(
        "encrypted_success_with_an_unknown_key_id",
        "what decrypts is a message for us, whatever the header calls its key",
        MEMBER,
        Encrypted(LARGEST),
        headers={**JSON, "X-KM-Crypto-Key-Id": "fedcba9876543210fedcba9876543210"},
    )
    yield success(
        "encrypted_success_beside_a_code",
        "the message decides, not what stands beside it",
        MEMBER,
        Encrypted(OK, around='{"response":{"code":"007_008"},"encData":"%s"}'),
    )
    yield success(
        "encrypted_success_with_white_space",
        "the plaintext is JSON like any other",
        MEMBER,
        Encrypted("\n " + OK + " \n"),
    )
    yield success(
        "plain_success_of_an_encrypted_call", "a plain body is read, whatever the description says", MEMBER, LARGEST
    )


def failures():
    moves, reads, changes = RECHARGE, RESULT, PASSWORD
    yield failure("earlier_call", "the code says that an earlier call was carried out", moves, "007_008")
    yield failure("declined", "the code says that this call was not carried out", moves, "007_003")
    yield failure("not_carried_out", "the code proves that no call was carried out", CREDIT, "000_003")
    yield failure("not_carried_out_of_a_gift", "each operation has its own proofs", GIFT, "005_022")
    yield failure("earlier_call_of_a_gift", "the same code proves something else elsewhere", GIFT, "000_002")
    yield failure(
        "listed_elsewhere", "what a code proves of one operation it does not prove of another", moves, "000_003"
    )
    yield failure(
        "known_and_not_listed", "where money moves, a code that is not listed proves nothing", moves, "005_022"
    )
    yield failure("unknown_code", "where money moves, an unknown code proves nothing", moves, "999_999")
    yield failure("unknown_code_of_a_call_that_reads", "an unknown code proves nothing anywhere", reads, "999_999")
    yield failure("unknown_code_of_a_call_that_changes", "an unknown code proves nothing anywhere", changes, "999_999")
    yield failure("known_code_of_a_call_that_reads", "a known code says that the call was declined", reads, "007_009")
    yield failure(
        "known_code_of_another_call_that_reads", "a code need not be listed where no money moves", reads, "005_022"
    )
    yield failure(
        "known_code_of_a_call_that_changes", "a known code says that the call was declined", changes, "000_002"
    )
    yield failure("known_code_of_an_unknown_path", "nobody knows what the call does", NEW, "007_003")
    yield failure("unknown_code_of_an_unknown_path", "nobody knows what the call does", NEW, "999_999")
    yield failure("empty_code", "a code that is empty is a code, and no success", moves, "")
    yield failure("empty_code_of_a_call_that_reads", "a code that is empty is a code, and no success", reads, "")
    yield failure("code_with_spaces", "a code is compared letter by letter", moves, " 000_000 ")
    yield failure("code_of_a_proof_with_a_space", "a code is compared letter by letter", moves, "007_003 ")
    yield failure("code_of_success_without_underscore", "a code is compared letter by letter", reads, "000000")
    yield failure("code_of_another_form", "a code may have any form", reads, "E-1")
    yield failure(
        "failure_without_description",
        "the description may be missing",
        moves,
        "007_003",
        '{"response":{"code":"007_003"}}',
    )
    yield failure(
        "failure_with_fields",
        "other fields say nothing of the outcome",
        moves,
        "007_003",
        said("007_003", '"nrNumber":"NR-1","isPending":false'),
    )
    yield failure(
        "failure_with_large_integer",
        "a failure is kept exactly, too",
        MEMBER,
        "000_002",
        said("000_002", '"userId":9999999999999999999'),
    )
    yield failure("failure_as_html", "the body decides, not its type", moves, "007_003", headers=HTML)
    yield failure("failure_without_type", "the body decides, not its type", moves, "007_003", headers={})
    yield failure(
        "failure_with_success_inside",
        "only response.code at the top is the code",
        moves,
        "007_003",
        said("007_003", '"body":{"response":{"code":"000_000"}},"code":"000_000"'),
    )
    for status in [200, 201, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504]:
        yield failure(
            f"declined_with_status_{status}",
            "a documented failure has status 400: with another one a code proves nothing",
            moves,
            "007_003",
            status=status,
        )
    for status in [200, 404, 500]:
        yield failure(
            f"not_carried_out_with_status_{status}",
            "a documented failure has status 400: with another one a code proves nothing",
            CREDIT,
            "000_003",
            status=status,
        )
        yield failure(
            f"declined_reading_with_status_{status}",
            "a documented failure has status 400: with another one a code proves nothing",
            reads,
            "007_009",
            status=status,
        )


def encrypted_failures():
    for path, code in [
        (RECHARGE, "007_008"),
        (RECHARGE, "007_003"),
        (CREDIT, "000_003"),
        (MEMBER, "000_002"),
        (RECHARGE, "999_999"),
        (NEW, "007_003"),
    ]:
        operation = DESCRIPTION.operations.get(path, {}).get("operationId", "unknown_path")
        yield failure(
            f"encrypted_failure_{operation}_{code}",
            "a failure may be encrypted, and proves the same",
            path,
            code,
            Encrypted(said(code)),
        )
    yield failure(
        "encrypted_failure_a256gcm",
        "A256GCM is accepted, too",
        RECHARGE,
        "007_003",
        Encrypted(said("007_003"), HEADER_256),
    )
    for status in [200, 401, 500, 503]:
        yield failure(
            f"encrypted_failure_with_status_{status}",
            "encData is decrypted under any status, and proves nothing under another than 400",
            RECHARGE,
            "007_003",
            Encrypted(said("007_003")),
            status=status,
        )
    yield failure(
        "encrypted_failure_beside_success",
        "the message decides, not what stands beside it",
        RECHARGE,
        "007_003",
        Encrypted(said("007_003"), around='{"response":{"code":"000_000"},"encData":"%s"}'),
    )


def no_responses():
    for status in [200, 400, 403, 404, 500, 502, 503, 504]:
        yield problem(
            f"html_with_status_{status}", "a page of HTML is no response of the platform", RECHARGE, status, HTML, PAGE
        )
        yield problem(
            f"empty_with_status_{status}", "an empty body is no response of the platform", RECHARGE, status, {}, ""
        )
    yield problem("html_as_json", "the body decides, not its type", RECHARGE, 200, JSON, PAGE)
    yield problem(
        "html_of_a_call_that_reads", "an unexpected response proves nothing anywhere", RESULT, 502, HTML, PAGE
    )
    yield problem("empty_of_a_call_that_reads", "an unexpected response proves nothing anywhere", RESULT, 200, JSON, "")
    yield problem(
        "text",
        "plain text is no response of the platform",
        RECHARGE,
        503,
        {"Content-Type": "text/plain"},
        "upstream connect error",
    )
    yield problem(
        "html_that_asks_to_wait",
        "Retry-After is no leave to send again",
        RECHARGE,
        503,
        {**HTML, "Retry-After": "1"},
        PAGE,
    )
    for name, body in [
        ("empty_object", "{}"),
        ("null", "null"),
        ("list", "[]"),
        ("list_of_a_success", f"[{OK}]"),
        ("number", "0"),
        ("text", '"000_000"'),
        (
            "error_of_a_gateway",
            '{"timestamp":1773539112345,"status":500,"error":"Internal Server Error","path":"/api/v1"}',
        ),
        ("problem_document", '{"type":"about:blank","title":"Bad Request","status":400}'),
        ("response_empty", '{"response":{}}'),
        ("response_null", '{"response":null}'),
        ("response_text", '{"response":"000_000"}'),
        ("response_list", '{"response":[{"code":"000_000"}]}'),
        ("code_null", '{"response":{"code":null}}'),
        ("code_number", '{"response":{"code":0}}'),
        ("code_at_the_top", '{"code":"000_000"}'),
        ("code_in_upper_case", '{"RESPONSE":{"CODE":"000_000"}}'),
        ("code_inside", '{"body":{"response":{"code":"000_000"}}}'),
    ]:
        for status in [200, 400]:
            yield problem(
                f"json_without_code_{name}_{status}",
                "without a code that is text it is no response of the platform",
                RECHARGE,
                status,
                JSON,
                body,
            )
    for name, path in [("moves_money", RECHARGE), ("reads", RESULT), ("unknown_path", NEW)]:
        for status in [400, 404, 500, 503]:
            yield problem(
                f"success_code_with_status_{status}_{name}",
                "the code says success, the status failure: neither is believed",
                path,
                status,
                JSON,
                RECHARGED,
            )
    yield problem(
        "encrypted_success_code_with_status_500",
        "the code says success, the status failure: neither is believed",
        MEMBER,
        500,
        JSON,
        Encrypted(LARGEST),
    )
    yield problem(
        "encrypted_success_code_with_status_400",
        "the code says success, the status failure: neither is believed",
        CREDIT,
        400,
        JSON,
        Encrypted(OK),
    )


def redirects():
    for status in [301, 302, 303, 307, 308]:
        to = {"Location": "/elsewhere"}
        why = "a redirect is not followed, and is no response of the platform"
        yield problem(f"redirect_{status}_with_html", why, RECHARGE, status, {**HTML, **to}, PAGE)
        yield problem(f"redirect_{status}_empty", why, RECHARGE, status, to, "")
        yield problem(f"redirect_{status}_with_success", why, RECHARGE, status, {**JSON, **to}, RECHARGED)
        yield problem(f"redirect_{status}_with_failure", why, RECHARGE, status, {**JSON, **to}, said("007_003"))
    yield problem(
        "redirect_302_of_a_call_that_reads",
        "a redirect is not followed, whatever the call does",
        RESULT,
        302,
        {**HTML, "Location": "/elsewhere"},
        PAGE,
    )
    yield problem(
        "redirect_300_without_location",
        "a redirect leads nowhere, and is no response of the platform",
        RESULT,
        300,
        JSON,
        COMPLETED,
    )
    yield problem(
        "redirect_307_encrypted",
        "a redirect is no response, whatever it holds",
        MEMBER,
        307,
        {**JSON, "Location": "/elsewhere"},
        Encrypted(LARGEST),
    )


def not_json():
    failed = said("007_003", '"nrNumber":"NR-1"')
    yield problem(
        "cut_before_the_code", "JSON that ends too early is none", RECHARGE, 200, JSON, '{"response":{"code":"000_0'
    )
    yield problem(
        "cut_inside_response", "JSON that ends too early is none", RECHARGE, 200, JSON, '{"response":{"code":"000_000"'
    )
    yield problem(
        "cut_in_front_of_response",
        "JSON that ends too early is none",
        RECHARGE,
        200,
        JSON,
        '{"nrNumber":"NR-1","respon',
    )
    yield problem(
        "cut_failure", "JSON that ends too early is none, and its code proves nothing", RECHARGE, 400, JSON, failed[:-6]
    )
    yield problem(
        "cut_failure_before_its_last_brace",
        "JSON that ends too early is none, and its code proves nothing",
        RECHARGE,
        400,
        JSON,
        failed[:-1],
    )
    yield problem(
        "cut_success_with_status_500",
        "the code says success, the status failure, and it is no JSON",
        RECHARGE,
        500,
        JSON,
        RECHARGED[:-4],
    )
    yield problem("cut_message", "JSON that ends too early is none", MEMBER, 200, JSON, '{"encData":"eyJlbmMi')
    yield problem(
        "text_behind_a_failure", "what is no JSON to its end is none", RECHARGE, 400, JSON, failed + " <!-- proxy -->"
    )
    yield problem("two_failures", "two bodies are no JSON", RECHARGE, 400, JSON, failed + failed)
    yield problem(
        "text_in_front_of_a_success", "what does not begin as JSON is none", RECHARGE, 200, JSON, ")]}',\n" + RECHARGED
    )
    yield problem(
        "two_codes",
        "of two codes neither is believed",
        RECHARGE,
        400,
        JSON,
        '{"response":{"code":"007_003","code":"007_008"}}',
    )
    yield problem(
        "two_codes_one_of_success",
        "of two codes neither is believed",
        RECHARGE,
        200,
        JSON,
        '{"response":{"code":"007_003","code":"000_000"}}',
    )
    yield problem(
        "two_responses",
        "of two codes neither is believed",
        RECHARGE,
        200,
        JSON,
        '{"response":{"code":"007_003"},"response":{"code":"000_000"}}',
    )
    yield problem(
        "two_messages",
        "of two messages neither is believed",
        MEMBER,
        200,
        JSON,
        '{"encData":"a.b.c.d.e","encData":"f.g.h.i.j"}',
    )
    why = "it says success and is no JSON further on: it is no success to a caller, and no proof that nothing was carried out"
    yield cut("cut_success", why, RECHARGE, RECHARGED[:-4])
    yield cut("cut_success_before_its_last_brace", why, RECHARGE, RECHARGED[:-1])
    yield cut("cut_success_of_a_call_that_reads", why, RESULT, COMPLETED[:-3])
    yield cut("text_behind_a_success", why, RECHARGE, RECHARGED + " ok")
    yield cut("two_successes", why, RECHARGE, RECHARGED + RECHARGED)
    yield cut("comma_behind_the_last_field", why, RECHARGE, RECHARGED[:-1] + ",}")
    yield cut("encrypted_cut_success", why, CREDIT, Encrypted(said(SUCCESS, '"transactionId":"1')[:-1]))


def undecryptable():
    why = "a message that cannot be decrypted is no response of the platform"
    for name in [
        "encrypted_for_another_key",
        "tag_last_byte_changed",
        "ciphertext_byte_changed",
        "header_byte_changed",
        "alg_rsa_oaep_a128gcm",
        "alg_rsa1_5",
        "alg_dir",
        "alg_none",
        "enc_a128cbc_hs256",
        "tag_of_12_bytes",
        "zip_def",
        "crit_exp",
        "duplicate_alg_wrong_one_first",
        "four_parts_no_tag",
        "six_parts",
        "trailing_newline",
        "tag_with_padding",
        "json_flattened",
    ]:
        for status in [200, 400] if name.startswith(("encrypted", "tag_last")) else [200]:
            yield problem(
                f"undecryptable_{name}_{status}", why, MEMBER, status, JSON, Encrypted(None, text=negative(name))
            )
    yield problem("undecryptable_empty", why, MEMBER, 200, JSON, Encrypted(None, text=""))
    yield problem("undecryptable_text", why, MEMBER, 200, JSON, Encrypted(None, text="no message"))
    yield problem(
        "undecryptable_of_a_call_that_moves_money",
        why,
        RECHARGE,
        400,
        JSON,
        Encrypted(None, text=negative("encrypted_for_another_key")),
    )
    beside = "the message decides: what stands beside it is not believed"
    yield problem(
        "undecryptable_beside_success",
        beside,
        RECHARGE,
        200,
        JSON,
        Encrypted(None, text="a.b.c.d.e", around='{"response":{"code":"000_000"},"encData":"%s"}'),
    )
    yield problem(
        "undecryptable_beside_failure",
        beside,
        RECHARGE,
        400,
        JSON,
        Encrypted(None, text="a.b.c.d.e", around='{"response":{"code":"007_003"},"encData":"%s"}'),
    )
    yield problem(
        "undecryptable_empty_beside_success",
        beside,
        RECHARGE,
        200,
        JSON,
        Encrypted(None, text="", around='{"response":{"code":"000_000"},"encData":"%s"}'),
    )
    for code, status in [(SUCCESS, 200), ("007_003", 400)]:
        yield problem(
            f"encrypted_object_without_code_beside_{code}",
            "the message decides: where it has no code there is none",
            RECHARGE,
            status,
            JSON,
            Encrypted('{"nrNumber":"NR-1"}', around='{"response":{"code":"%s"},"encData":"%%s"}' % code),
        )
    yield problem("encrypted_twice", "a message is decrypted once", MEMBER, 200, JSON, Encrypted(Encrypted(LARGEST)))
    inside = "what is decrypted is no response of the platform either"
    for name, plaintext in [
        ("html", PAGE),
        ("list", "[]"),
        ("null", "null"),
        ("number", "0"),
        ("object_without_code", '{"result":"COMPLETED"}'),
        ("code_number", '{"response":{"code":0}}'),
        ("two_codes", '{"response":{"code":"007_003","code":"000_000"}}'),
        ("message", '{"encData":"a.b.c.d.e"}'),
        ("cut_failure", '{"response":{"code":"007_003"},"a":'),
    ]:
        for status in [200, 400]:
            yield problem(f"encrypted_{name}_{status}", inside, CREDIT, status, JSON, Encrypted(plaintext))


def kept_bodies() -> dict:
    file = ROOT / "responses.json"
    if not file.exists():
        return {}
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return {case["name"]: b64decode(case["body_base64"]) for case in cases}


def main() -> None:
    kept = kept_bodies()
    groups = [
        successes,
        encrypted_successes,
        failures,
        encrypted_failures,
        no_responses,
        redirects,
        not_json,
        undecryptable,
    ]
    cases = []
    for made in (made for group in groups for made in group()):
        body = made["body"]
        if isinstance(body, Encrypted):
            body = body.body(kept.get(made["name"]))
        elif isinstance(body, str):
            body = body.encode()
        written = {
            "name": made["name"],
            "why": made["why"],
            "path": made["path"],
            "private_key": RECEIVER,
            "status": made["status"],
            "headers": made["headers"],
            "body_base64": b64(body),
            "expect": made["expect"],
        }
        if "or" in made:
            written["or"] = made["or"]
        cases.append(written)
    write("responses.json", "make/responses.py, PyYAML, jwcrypto", cases)


if __name__ == "__main__":
    main()
