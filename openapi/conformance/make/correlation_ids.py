"""Writes correlation_ids.json: ids made with Python's datetime, and texts that are ids or are not.

An id is twelve digits of the time, yyMMddHHmmss in the zone that X-KM-Time-Zone names, a hyphen and
seven lower-case hex digits. Nothing here is random: the file is the same on every run.
"""

from datetime import datetime, timedelta, timezone

from cases import write

ZONES = {"KST": timezone(timedelta(hours=9)), "UTC": timezone.utc}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# name, milliseconds since 1970-01-01T00:00:00Z, hex digits, id in KST, id in UTC
MADE = [
    ("the_description", 1773539112345, "0a1b2c3", "260315104512-0a1b2c3", "260315014512-0a1b2c3"),
    ("lowest_number", 1773539112345, "0000000", "260315104512-0000000", "260315014512-0000000"),
    ("highest_number", 1773539112345, "fffffff", "260315104512-fffffff", "260315014512-fffffff"),
    ("leading_zeros_stay", 1773539112345, "000000a", "260315104512-000000a", "260315014512-000000a"),
    ("milliseconds_are_left_out", 1773539112999, "0a1b2c3", "260315104512-0a1b2c3", "260315014512-0a1b2c3"),
    ("last_of_the_year_in_korea", 1798729199999, "1234567", "261231235959-1234567", "261231145959-1234567"),
    ("first_of_the_year_in_korea", 1798729200000, "1234567", "270101000000-1234567", "261231150000-1234567"),
    ("first_of_the_year_in_utc", 1798761600000, "89abcde", "270101090000-89abcde", "270101000000-89abcde"),
    ("leap_day_in_korea_alone", 1835362800000, "89abcde", "280229000000-89abcde", "280228150000-89abcde"),
    ("leap_day_in_utc_alone", 1835481599999, "89abcde", "280301085959-89abcde", "280229235959-89abcde"),
    (
        "the_iso_week_belongs_to_the_year_before",
        1609426800000,
        "0f0f0f0",
        "210101000000-0f0f0f0",
        "201231150000-0f0f0f0",
    ),
    (
        "the_iso_week_belongs_to_the_year_after",
        1735488000000,
        "0f0f0f0",
        "241230010000-0f0f0f0",
        "241229160000-0f0f0f0",
    ),
    ("a_year_that_begins_with_zero", 1230735600000, "0f0f0f0", "090101000000-0f0f0f0", "081231150000-0f0f0f0"),
    ("midnight_of_a_twelve_hour_clock", 1767193205006, "7654321", "260101000005-7654321", "251231150005-7654321"),
    ("beyond_32_bits_of_seconds", 2147483648000, "7654321", "380119121408-7654321", "380119031408-7654321"),
]

# name, id, whether it is one, why
CHECKED = [
    ("an_id", "260315104512-0a1b2c3", True, "twelve digits, a hyphen, seven lower-case hex digits"),
    ("digits_alone_are_hex", "260315104512-1234567", True, "hex digits need not be letters"),
    ("letters_alone_are_hex", "260315104512-abcdefa", True, "hex digits need not be digits"),
    ("zeros", "000101000000-0000000", True, "every digit may be zero"),
    ("empty", "", False, "it has no characters"),
    ("too_short", "260315104512-0a1b2c", False, "six hex digits"),
    ("too_long", "260315104512-0a1b2c3d", False, "eight hex digits"),
    ("time_too_short", "26031510451-0a1b2c34", False, "eleven digits, eight hex digits"),
    ("time_too_long", "2603151045123-0a1b2c", False, "thirteen digits, six hex digits"),
    ("century_and_milliseconds", "20260315104512345-0a", False, "the time has twelve digits, and no century"),
    ("upper_case", "260315104512-0A1B2C3", False, "hex digits are in lower case"),
    ("one_upper_case", "260315104512-0a1b2C3", False, "hex digits are in lower case"),
    ("no_hex", "260315104512-0a1b2g3", False, "g is no hex digit"),
    ("no_digit", "26031510451a-0a1b2c3", False, "the time has digits alone"),
    ("underscore", "260315104512_0a1b2c3", False, "a hyphen stands between the parts"),
    ("no_hyphen", "26031510451200a1b2c3", False, "a hyphen stands between the parts"),
    ("en_dash", "260315104512\u20130a1b2c3", False, "the hyphen is ASCII's"),
    (
        "full_width_digits",
        "\uff12\uff16\uff10\uff13\uff11\uff15\uff11\uff10\uff14\uff15\uff11\uff12-0a1b2c3",
        False,
        "digits are ASCII's",
    ),
    (
        "arabic_digits_behind",
        "260315104512-\u0660\u0661\u0662\u0663\u0664\u0665\u0666",
        False,
        "hex digits are ASCII's",
    ),
    ("line_end_behind", "260315104512-0a1b2c3\n", False, "nothing stands behind it"),
    ("space_behind", "260315104512-0a1b2c3 ", False, "nothing stands behind it"),
    ("space_in_front", " 260315104512-0a1b2c3", False, "nothing stands in front of it"),
    ("line_end_in_the_place_of_a_digit", "260315104512-0a1b2c\n", False, "six hex digits and a line end"),
    ("sign", "+60315104512-0a1b2c3", False, "the time has digits alone"),
    ("two_ids", "260315104512-0a1b2c3260315104512-0a1b2c3", False, "one id alone"),
    ("uuid", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", False, "it is an id of another kind"),
]


def made():
    for name, at, digits, kst, utc in MADE:
        for zone, expected in (("KST", kst), ("UTC", utc)):
            time = (EPOCH + timedelta(milliseconds=at)).astimezone(ZONES[zone])
            identity = f"{time.strftime('%y%m%d%H%M%S')}-{digits}"
            assert identity == expected, (name, identity)
            yield {
                "name": f"make_{name}_{zone.lower()}",
                "kind": "make",
                "epoch_ms": at,
                "zone": zone,
                "hex": digits,
                "id": identity,
            }


def checked():
    for name, text, valid, why in CHECKED:
        yield {"name": f"check_{name}", "kind": "check", "id": text, "valid": valid, "why": why}


if __name__ == "__main__":
    write("correlation_ids.json", "make/correlation_ids.py, Python's datetime", [*made(), *checked()])
