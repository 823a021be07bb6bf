"""Phone numbers in one form each, whatever way people write them. Pure.

A number that says its country is known by it (`+`, `00`, or `011` where the store is in North America); any other is
read in the country of the store. Calling codes: https://www.itu.int/rec/T-REC-E.164.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_CODES_IN_WORDS = """
1 US CA AG AI AS BB BM BS DM DO GD GU JM KN KY LC MP MS PR SX TC TT VC VG VI
7 RU KZ
20 EG/27 ZA/30 GR/31 NL/32 BE/33 FR/34 ES/36 HU/39 IT VA/40 RO/41 CH/43 AT/44 GB GG IM JE/45 DK/46 SE/47 NO SJ
48 PL/49 DE/51 PE/52 MX/53 CU/54 AR/55 BR/56 CL/57 CO/58 VE/60 MY/61 AU CC CX/62 ID/63 PH/64 NZ/65 SG/66 TH/81 JP
82 KR/84 VN/86 CN/90 TR/91 IN/92 PK/93 AF/94 LK/95 MM/98 IR
211 SS/212 MA EH/213 DZ/216 TN/218 LY/220 GM/221 SN/222 MR/223 ML/224 GN/225 CI/226 BF/227 NE/228 TG/229 BJ/230 MU
231 LR/232 SL/233 GH/234 NG/235 TD/236 CF/237 CM/238 CV/239 ST/240 GQ/241 GA/242 CG/243 CD/244 AO/245 GW/246 IO
248 SC/249 SD/250 RW/251 ET/252 SO/253 DJ/254 KE/255 TZ/256 UG/257 BI/258 MZ/260 ZM/261 MG/262 RE YT/263 ZW/264 NA
265 MW/266 LS/267 BW/268 SZ/269 KM/290 SH/291 ER/297 AW/298 FO/299 GL
350 GI/351 PT/352 LU/353 IE/354 IS/355 AL/356 MT/357 CY/358 FI AX/359 BG/370 LT/371 LV/372 EE/373 MD/374 AM/375 BY
376 AD/377 MC/378 SM/380 UA/381 RS/382 ME/383 XK/385 HR/386 SI/387 BA/389 MK/420 CZ/421 SK/423 LI
500 FK/501 BZ/502 GT/503 SV/504 HN/505 NI/506 CR/507 PA/508 PM/509 HT/590 GP BL MF/591 BO/592 GY/593 EC/594 GF/595 PY
596 MQ/597 SR/598 UY/599 CW BQ
670 TL/672 NF/673 BN/674 NR/675 PG/676 TO/677 SB/678 VU/679 FJ/680 PW/681 WF/682 CK/683 NU/685 WS/686 KI/687 NC
688 TV/689 PF/690 TK/691 FM/692 MH
850 KP/852 HK/853 MO/855 KH/856 LA/880 BD/886 TW
960 MV/961 LB/962 JO/963 SY/964 IQ/965 KW/966 SA/967 YE/968 OM/970 PS/971 AE/972 IL/973 BH/974 QA/975 BT/976 MN/977 NP
992 TJ/993 TM/994 AZ/995 GE/996 KG/998 UZ
"""
# ISO 3166 alpha-2 -> calling code.
CALLING_CODES: Mapping[str, str] = {
    country: code
    for code, *countries in (part.split() for part in _CODES_IN_WORDS.replace("\n", "/").split("/") if part.strip())
    for country in countries
}
_CODES = frozenset(CALLING_CODES.values())
_NAMES: Mapping[str, str] = {"USA": "US", "UK": "GB", "GBR": "GB", "CAN": "CA", "IND": "IN", "FIN": "FI", "DEU": "DE"}

# What is dialled before a number within the country, by calling code; a 0 where it is not named. A number has it or has
# it not, depending on who writes it.
_TRUNKS: Mapping[str, tuple[str, ...]] = {
    "1": ("1",),
    "7": ("8",),
    "36": ("06",),
    "370": ("0", "8"),
    "375": ("80", "8"),
}
# There a leading 0 belongs to the number.
_KEEP_ZERO = frozenset({"39", "225", "229", "242", "378"})
# Digits of every number after the calling code, where all have as many: such a number with its code before it, and no
# plus, is told from a longer one.
_LENGTHS: Mapping[str, int] = {
    code: length
    for length, codes in {8: "45 47 65 852", 9: "27 33 34 48 61 254 351 420 421 966 971"}.items()
    for code in codes.split()
} | dict.fromkeys(("1", "7", "30", "44", "52", "57", "63", "90", "91", "92", "880"), 10)
# A pause, an extension, or a code to dial afterwards: many people are behind such a number.
_SHARED = re.compile(r"(?:ext|extn|extension|pin|code|[xpw#*,;])\s*[.:]?\s*\d", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"^(?:\+|00)")
_AMERICAN = re.compile(r"^011")
_FEWEST, _MOST = 7, 15
"""Digits of a whole number; fewer are no subscriber's, more are none at all (E.164)."""


def normal_phone(text: str, country: str | None = None) -> str | None:
    """A number as `+` and its digits, or its bare digits where nobody knows of which country it is.

    country: of the store, as its address says it. None for what is no number of one person: too short, too long, of one
    digit alone, or with an extension.
    """
    if _SHARED.search(text):
        return None
    home = calling_code(country)
    # Digits of other scripts count as ours.
    latin = re.sub(r"\d", lambda digit: str(int(digit[0])), unicodedata.normalize("NFKC", text))
    # Some write the trunk's 0 in brackets after the code of the country; nobody dials both.
    written = re.sub(r"\(\s*0\s*\)", "", latin) if latin.strip().startswith(("+", "00")) else latin
    plain = re.sub(r"[^\d+]", "", written)
    if _INTERNATIONAL.match(plain) or (home == "1" and _AMERICAN.match(plain)):
        return _checked(*_split(re.sub(r"\D", "", _AMERICAN.sub("", _INTERNATIONAL.sub("", plain)))))
    digits = re.sub(r"\D", "", plain)
    if home is None:
        return _checked("", digits.lstrip("0"))
    length = _LENGTHS.get(home)
    if length is not None and len(digits) == len(home) + length and digits.startswith(home):
        digits = digits[len(home) :]
    return _checked(home, _without_trunk(home, digits))


def forms_of(text: str, country: str | None = None) -> list[str]:
    """The forms to look a number up by: its own, and for one that does not say its country the bare digits.

    The latter it has where it was kept before the store said of which country it is.
    """
    forms = (normal_phone(text, country), normal_phone(text))
    return list(dict.fromkeys(form for form in forms if form is not None))


def calling_code(country: str | None) -> str | None:
    """The calling code of a country; None when it is not one we know by this name."""
    name = (country or "").strip().upper()
    return CALLING_CODES.get(_NAMES.get(name, name))


def _split(digits: str) -> tuple[str, str]:
    """Calling code and national number; no code begins with another."""
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in _CODES), "")
    return code, _without_trunk(code, digits[len(code) :])


def _without_trunk(code: str, national: str) -> str:
    if code in _KEEP_ZERO:
        return national
    length = _LENGTHS.get(code)
    for trunk in _TRUNKS.get(code, ("0",)):
        # Where numbers may begin with the same digit, only one that is too long has it in front.
        if national.startswith(trunk) and (trunk.startswith("0") or length is None or len(national) > length):
            return national[len(trunk) :]
    return national


def _checked(code: str, national: str) -> str | None:
    whole = code + national
    if not _FEWEST <= len(whole) <= _MOST or len(set(national)) < 2:
        return None
    return f"+{whole}" if code else whole
