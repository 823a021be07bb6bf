"""Which orders are one person's: by phone or e-mail in a normal form, within one store. Pure.

What many people share must not make one person of them, and is left out:

- the customers of the marketplaces in RELAYING: their phones are the marketplace's own, which connect the caller for a
  while (Uber Eats and Swiggy with a code to dial, DoorDash and Zomato masked, or their support's number), and their
  e-mails are placeholders, or of its support;
- a phone with a code or an extension, wherever it comes from; one that is no number (too short, one digit repeated);
- e-mails that nobody reads, as noreply@.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from orderhub.order.ids import digest
from orderhub.order.models import Customer
from orderhub.order.phones import forms_of, normal_phone


class Kind(StrEnum):
    """What a person is known by."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone or e-mail in its normal form."""

    kind: Kind
    text: str

    def key(self, store_id: str) -> str:
        """Stands for this contact at a store; it cannot be read back."""
        return digest(store_id, self.kind, self.text)


# Marketplaces that keep their customers' phones and e-mails to themselves, as their name begins in platform or channel.
RELAYING: tuple[str, ...] = ("uber", "doordash", "swiggy", "zomato")
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@.<>]+(?:\.[^\s@.<>]+)+")
_NOBODY = re.compile(r"(?:no|donot|do-not|do_not)[-_.]?reply|(?:mailer-daemon|postmaster|nobody)@|\w+_dflt_\w+@")


def normal_email(text: str) -> str | None:
    """An e-mail in lower case; None for what is none, or nobody's. Dots and tags stay: they may be another person's.

    So do letters that only look alike without regard to case: strasse and straße are two domains.
    """
    plain = text.strip().lower()
    if len(plain) > _LONGEST_EMAIL or not _EMAIL.fullmatch(plain) or _NOBODY.match(plain):
        return None
    return plain


def contacts_of(customer: Customer | None, marketplaces: Iterable[str], country: str | None) -> list[Contact]:
    """What the customer of an order is known by. marketplaces: its platform and channel; country: of the store."""
    if customer is None or any(_is_relaying(name) for name in marketplaces):
        return []
    phone = customer.phone if customer.phone and not customer.phone_code else None
    return [
        *_contact(Kind.PHONE, normal_phone(phone, country) if phone else None),
        *_contact(Kind.EMAIL, normal_email(customer.email) if customer.email else None),
    ]


def contacts_to_find(kind: Kind, text: str, country: str | None) -> list[Contact]:
    """What a person's orders may be found by; nothing when the text is no such phone or e-mail."""
    if kind is Kind.EMAIL:
        return _contact(kind, normal_email(text))
    return [Contact(kind, form) for form in forms_of(text, country)]


def _contact(kind: Kind, text: str | None) -> list[Contact]:
    return [Contact(kind, text)] if text is not None else []


def _is_relaying(marketplace: str) -> bool:
    return re.sub(r"[^a-z]", "", marketplace.casefold()).startswith(RELAYING)
