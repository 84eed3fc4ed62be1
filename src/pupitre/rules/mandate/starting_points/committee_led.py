"""The executive committee leads: it decides what binds both departments; they prepare and act."""

from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.starting_points.pattern import StartingPoint, row
from pupitre.rules.mandate.starting_points.people import PEOPLE_ROWS

COMMITTEE_LED = StartingPoint(
    key="committee-led",
    name=Bilingual("Le comité exécutif mène", "The executive committee leads"),
    suits=Bilingual(
        "Le comité exécutif décide de ce qui engage les deux directions : agenda, outils, "
        "données, charte. Marketing et informatique préparent ensemble et agissent. Convient "
        "après un désaccord grave, ou quand le sujet engage toute l’entreprise.",
        "The executive committee decides what binds both departments: agenda, tools, data, "
        "charter. Marketing and IT prepare together and act. It suits the time after a serious "
        "disagreement, or a matter that binds the whole company.",
    ),
    risk=Bilingual(
        "Un comité se réunit quand il peut : les décisions attendent. Rendez les A aux directions "
        "dès qu’elles se font confiance.",
        "A committee meets when it can, and decisions wait. Hand each A back to the departments "
        "as soon as they trust each other.",
    ),
    rows=MappingProxyType(
        {
            **PEOPLE_ROWS,
            "matrix.amend": row("committee", r="marketing it", i="digital relations hr"),
            "organisation.change": row("committee", r="hr marketing it", i="digital dpo"),
            "seat.appoint": row("hr", r="hr marketing it", i="committee digital dpo"),
            "member.admit": row("it", r="operations hr marketing", i="dpo"),
            "activity.define": row("marketing", r="marketing it digital", i="committee relations"),
            "audit.export": row("dpo", r="dpo it marketing", i="committee legal"),
            "source.open": row("marketing", r="it", c="dpo", i="committee digital relations"),
            "source.change": row("it", r="operations digital", i="marketing dpo"),
            "source.key": row("operations", r="operations", i="it dpo"),
            "plan.agree": row("marketing", r="steward digital", c="it dpo", i="committee"),
            "quarantine.replay": row("steward", r="steward operations", i="it marketing"),
            "import.run": row("steward", r="steward operations", i="it marketing dpo"),
            "train-teams": row("hr", r="marketing it", c="digital", i="committee"),
            "run-survey": row("hr", r="hr digital", c="marketing it", i="committee communication"),
            "recruit-digital-skills": row("hr", r="hr digital", c="marketing it", i="finance"),
            "plan-joint-agenda": row(
                "committee", r="marketing it digital", c="finance", i="relations commerce"
            ),
            "settle-priorities": row(
                "committee", r="marketing it finance", c="digital", i="relations commerce"
            ),
            "govern-two-speeds": row(
                "committee", r="it marketing digital", c="finance", i="operations"
            ),
            "report-to-committee": row(
                "marketing", r="marketing it digital", c="finance", i="committee"
            ),
            "choose-marketing-tools": row(
                "committee", r="marketing it", c="finance dpo", i="digital campaigns"
            ),
            "connect-channel": row("it", r="operations", c="marketing dpo", i="relations commerce"),
            "open-api": row("it", r="digital operations", c="dpo legal", i="committee marketing"),
            "guarantee-availability": row(
                "it", r="operations", i="marketing digital commerce relations"
            ),
            "secure-systems": row("it", r="operations", c="dpo", i="committee marketing legal"),
            "set-customer-view": row(
                "committee", r="marketing it steward", c="dpo relations", i="digital commerce"
            ),
            "define-indicator": row(
                "committee", r="marketing digital steward", c="it finance", i="relations"
            ),
            "assure-data-quality": row(
                "it", r="steward operations", c="marketing", i="digital relations"
            ),
            "protect-data": row(
                "dpo", r="it steward", c="legal marketing", i="relations committee"
            ),
            "answer-data-rights": row("dpo", r="relations operations", c="legal", i="marketing it"),
            "write-charter": row(
                "committee",
                r="marketing it",
                c="dpo legal relations",
                i="digital communication commerce",
            ),
            "design-journeys": row(
                "marketing", r="digital commerce", c="it relations", i="communication"
            ),
            "plan-campaigns": row(
                "marketing", r="campaigns", c="digital dpo", i="relations it communication"
            ),
            "answer-crisis": row(
                "committee",
                r="communication relations",
                c="marketing it legal",
                i="digital",
            ),
            "handle-complaints": row(
                "relations", r="relations commerce", c="marketing", i="it communication"
            ),
        }
    ),
    by_domain=MappingProxyType(
        {
            Domain.PEOPLE: row("hr", r="hr marketing it", i="committee"),
            Domain.PROCESS: row("committee", r="marketing it", i="digital"),
            Domain.TECHNOLOGY: row("it", r="it operations", c="marketing", i="committee"),
            Domain.DATA: row("it", r="it steward marketing", c="dpo", i="committee"),
            Domain.CUSTOMER: row("marketing", r="marketing it", i="committee relations"),
        }
    ),
)
