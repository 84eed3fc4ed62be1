"""IT leads: one architecture first, on which marketing builds."""

from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.starting_points.pattern import StartingPoint, row
from pupitre.rules.mandate.starting_points.people import PEOPLE_ROWS

IT_LED = StartingPoint(
    key="it-led",
    name=Bilingual("L’informatique mène", "IT leads"),
    suits=Bilingual(
        "L’informatique décide des outils, des données et de l’agenda ; le marketing agit avec "
        "elle et reste maître de ce que reçoit le client. Convient quand le système est ancien, "
        "réglementé ou fragile, et qu’il faut d’abord remettre de l’ordre.",
        "IT decides on tools, data and the agenda; marketing acts with it and remains master of "
        "what customers receive. It suits systems that are old, regulated or fragile, and must "
        "be put in order first.",
    ),
    risk=Bilingual(
        "Des projets solides qui arrivent après le client ; le marketing achète alors ailleurs, "
        "sans le dire.",
        "Sound projects arrive after the customer has left, and marketing buys elsewhere without "
        "saying so.",
    ),
    rows=MappingProxyType(
        {
            **PEOPLE_ROWS,
            "matrix.amend": row("it", r="marketing", i="committee digital relations hr"),
            "organisation.change": row("hr", r="hr it marketing", i="committee digital"),
            "seat.appoint": row("hr", r="hr it marketing", i="committee digital dpo"),
            "member.admit": row("operations", r="operations hr marketing", i="it dpo"),
            "activity.define": row("it", r="it marketing digital", i="committee relations"),
            "audit.export": row("dpo", r="dpo it", i="legal marketing"),
            "source.open": row(
                "operations", r="operations marketing", c="it dpo", i="digital commerce"
            ),
            "source.change": row("operations", r="operations steward", i="it marketing dpo"),
            "source.key": row("operations", r="operations", i="it dpo"),
            "plan.agree": row("marketing", r="steward", c="it dpo", i="digital"),
            "quarantine.replay": row("steward", r="steward", i="it marketing operations"),
            "import.run": row("operations", r="operations steward", i="it marketing dpo"),
            "train-teams": row("hr", r="it marketing", c="digital", i="committee"),
            "run-survey": row("hr", r="hr digital", c="it marketing", i="committee communication"),
            "recruit-digital-skills": row("hr", r="hr it", c="marketing digital", i="finance"),
            "plan-joint-agenda": row(
                "it",
                r="it marketing operations",
                c="digital commerce",
                i="committee finance relations",
            ),
            "settle-priorities": row(
                "committee", r="it finance", c="marketing digital", i="relations commerce"
            ),
            "govern-two-speeds": row(
                "it", r="it operations", c="marketing digital", i="committee finance"
            ),
            "report-to-committee": row("it", r="it marketing", c="digital finance", i="committee"),
            "choose-marketing-tools": row(
                "it", r="marketing operations", c="campaigns dpo", i="digital finance committee"
            ),
            "connect-channel": row("it", r="operations", c="marketing dpo", i="relations commerce"),
            "open-api": row("it", r="operations", c="dpo legal", i="marketing digital"),
            "guarantee-availability": row(
                "it", r="operations", i="marketing digital commerce relations"
            ),
            "secure-systems": row("it", r="operations", c="dpo", i="marketing legal"),
            "set-customer-view": row(
                "it", r="it steward", c="marketing dpo relations", i="digital commerce"
            ),
            "define-indicator": row(
                "marketing", r="it steward", c="digital finance", i="committee relations"
            ),
            "assure-data-quality": row(
                "it", r="steward operations", c="marketing", i="digital relations"
            ),
            "protect-data": row(
                "dpo", r="it steward", c="legal marketing", i="relations committee"
            ),
            "answer-data-rights": row("dpo", r="relations operations", c="legal", i="marketing it"),
            "write-charter": row(
                "marketing",
                r="marketing it",
                c="dpo legal relations",
                i="committee digital communication",
            ),
            "design-journeys": row(
                "marketing", r="digital commerce", c="it relations", i="communication"
            ),
            "plan-campaigns": row(
                "marketing", r="campaigns", c="digital dpo", i="relations it communication"
            ),
            "answer-crisis": row(
                "communication",
                r="communication operations relations",
                c="marketing it legal",
                i="committee",
            ),
            "handle-complaints": row(
                "relations", r="relations commerce", c="marketing", i="it communication"
            ),
        }
    ),
    by_domain=MappingProxyType(
        {
            Domain.PEOPLE: row("hr", r="hr it marketing", i="committee"),
            Domain.PROCESS: row("it", r="it marketing", i="committee digital"),
            Domain.TECHNOLOGY: row("it", r="it operations", c="marketing", i="digital"),
            Domain.DATA: row("it", r="it steward", c="marketing dpo", i="relations"),
            Domain.CUSTOMER: row("marketing", r="marketing it", i="relations digital"),
        }
    ),
)
