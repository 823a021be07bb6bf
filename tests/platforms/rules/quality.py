"""What an adapter says of itself in quality.yaml, against what it does."""

from __future__ import annotations

from orderhub.platforms.base import Operation
from orderhub.platforms.capabilities import evidence_in
from tests.platforms import samples
from tests.platforms.rules.suite import Suite

RULES = frozenset(
    {
        *("authentic_vectors", "event_fixtures", "cancellation", "duplicates", "out_of_order", "unknown_fields"),
        *("money_and_sign", "modifiers_nested", "time_zones", "accept", "deny_with_reasons", "ready", "edit"),
        *("refund", "poll", "reconcile", "setup_guide"),
    }
)
EVIDENCE = frozenset({"documented", "observed", "assumed"})
# Rules that are done exactly when the platform has the operation.
PROVEN_BY = {
    "accept": Operation.ACCEPT,
    "deny_with_reasons": Operation.DENY,
    "ready": Operation.READY,
    "edit": Operation.EDIT_CART,
    "refund": Operation.REFUND,
    "poll": Operation.POLL,
}


class Quality(Suite):
    def test_every_rule_is_done_or_exempt_for_a_reason(self) -> None:
        rules = self.quality["rules"]

        faults = {name: rule for name, rule in rules.items() if not _is_done(rule) and not _is_exempt(rule)}

        assert faults == {}
        assert set(rules) == RULES

    def test_it_claims_what_the_code_can_do(self) -> None:
        rules = self.quality["rules"]

        claimed = {operation for rule, operation in PROVEN_BY.items() if _is_done(rules[rule])}

        assert claimed == set(PROVEN_BY.values()) & self.platform.capabilities

    def test_it_says_on_what_evidence_it_stands(self) -> None:
        own = self.quality.get("evidence_of", {})

        assert {self.quality["evidence"], *own.values()} <= EVIDENCE
        assert set(own) <= {"webhook", *self.platform.capabilities}
        assert evidence_in(self.quality_text) == {"": self.quality["evidence"], **own}

    def test_it_lists_its_assumptions_and_the_settings_that_change_them(self) -> None:
        assumptions = self.quality["assumptions"]

        assert [one for one in assumptions if set(one) != {"assumption", "setting"}] == []
        assert {one["setting"] for one in assumptions} - {None} <= set(self.platform.Settings.model_fields)

    def test_the_setup_guide_is_there_when_it_says_so(self) -> None:
        guide = samples.ROOT / "docs" / "platforms" / f"{self.slug}.md"

        assert guide.exists() == _is_done(self.quality["rules"]["setup_guide"])


def _is_done(rule: object) -> bool:
    return rule == "done"


def _is_exempt(rule: object) -> bool:
    return (
        isinstance(rule, dict)
        and set(rule) == {"status", "reason"}
        and rule["status"] == "exempt"
        and len(rule["reason"].split()) > 2
    )
