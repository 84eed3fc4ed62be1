"""Marketing leads: it decides, IT brings about and is always asked."""

from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.starting_points.pattern import StartingPoint, row
from pupitre.rules.mandate.starting_points.people import PEOPLE_ROWS

MARKETING_LED = StartingPoint(
    key="marketing-led",
    name=Bilingual("Le marketing mène", "Marketing leads"),
    suits=Bilingual(
        "Le marketing décide des outils, des données clients et du calendrier ; l’informatique "
        "est consultée et garde la main sur la sécurité et la disponibilité. Convient quand le "
        "marketing porte le chiffre d’affaires en ligne, connaît ses données et sait rédiger un "
        "cahier des charges.",
        "Marketing decides on tools, customer data and the calendar; IT is asked, and keeps the "
        "last word on security and availability. It suits a marketing department that carries "
        "online revenue, knows its data and can write a specification.",
    ),
    risk=Bilingual(
        "Des outils achetés sans leurs raccordements, que l’informatique découvre le jour de la "
        "panne.",
        "Tools are bought without their connections, and IT discovers them on the day they break.",
    ),
    rows=MappingProxyType(
        {
            **PEOPLE_ROWS,
            "matrix.amend": row("marketing", r="it", i="committee digital relations hr"),
            "organisation.change": row("hr", r="hr marketing it", i="committee digital"),
            "seat.appoint": row("hr", r="hr marketing it", i="committee digital dpo"),
            "member.admit": row("it", r="operations hr marketing", i="dpo"),
            "activity.define": row("marketing", r="marketing it digital", i="committee relations"),
            "audit.export": row("dpo", r="dpo marketing", i="it legal"),
            "source.open": row("it", r="marketing digital", c="dpo", i="relations commerce"),
            "source.change": row("it", r="operations digital", i="marketing dpo"),
            "source.key": row("operations", r="operations digital", i="it dpo"),
            "plan.agree": row("digital", r="marketing it steward", c="dpo", i="commerce"),
            "quarantine.replay": row("steward", r="steward digital", i="it marketing"),
            "import.run": row("steward", r="steward digital", i="it marketing dpo"),
            "train-teams": row("hr", r="marketing it", c="digital", i="committee"),
            "run-survey": row("hr", r="hr digital", c="marketing it", i="committee communication"),
            "recruit-digital-skills": row("hr", r="hr marketing", c="it digital", i="finance"),
            "plan-joint-agenda": row(
                "marketing",
                r="marketing digital",
                c="it commerce relations",
                i="committee finance",
            ),
            "settle-priorities": row(
                "committee", r="marketing finance", c="it digital", i="relations commerce"
            ),
            "govern-two-speeds": row(
                "marketing", r="it digital", c="operations", i="committee finance"
            ),
            "report-to-committee": row(
                "marketing", r="marketing digital", c="it finance", i="committee"
            ),
            "choose-marketing-tools": row(
                "marketing", r="campaigns digital", c="it dpo", i="finance committee"
            ),
            "connect-channel": row(
                "it", r="operations digital", c="marketing dpo", i="relations commerce"
            ),
            "open-api": row("it", r="digital operations", c="marketing dpo legal", i="commerce"),
            "guarantee-availability": row(
                "it", r="operations", i="marketing digital commerce relations"
            ),
            "secure-systems": row("it", r="operations", c="dpo", i="marketing legal"),
            "set-customer-view": row(
                "marketing", r="marketing steward", c="it dpo relations", i="digital commerce"
            ),
            "define-indicator": row(
                "marketing", r="digital steward", c="it finance", i="committee relations"
            ),
            "assure-data-quality": row(
                "marketing", r="steward operations", c="it", i="digital relations"
            ),
            "protect-data": row(
                "dpo", r="it steward", c="legal marketing", i="relations committee"
            ),
            "answer-data-rights": row("dpo", r="relations operations", c="legal", i="marketing it"),
            "write-charter": row(
                "marketing",
                r="marketing relations",
                c="it dpo legal",
                i="committee digital communication",
            ),
            "design-journeys": row(
                "marketing", r="digital commerce campaigns", c="it relations", i="communication"
            ),
            "plan-campaigns": row(
                "marketing", r="campaigns", c="digital dpo", i="relations it communication"
            ),
            "answer-crisis": row(
                "communication",
                r="communication relations",
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
            Domain.PEOPLE: row("hr", r="hr marketing it", i="committee"),
            Domain.PROCESS: row("marketing", r="marketing digital", c="it", i="committee"),
            Domain.TECHNOLOGY: row("it", r="it operations", c="marketing", i="digital"),
            Domain.DATA: row("marketing", r="steward marketing", c="it dpo", i="relations"),
            Domain.CUSTOMER: row("marketing", r="marketing campaigns", c="it", i="relations"),
        }
    ),
)
