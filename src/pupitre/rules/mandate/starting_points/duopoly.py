"""Marketing and IT side by side: each decides in its field, the other acts with it."""

from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.starting_points.pattern import StartingPoint, row
from pupitre.rules.mandate.starting_points.people import PEOPLE_ROWS

DUOPOLY = StartingPoint(
    key="duopoly",
    name=Bilingual("Le duo", "The duo"),
    suits=Bilingual(
        "Marketing et informatique décident à parts égales : le marketing tranche sur ce que voit "
        "le client, l’informatique sur ce qui le fait tourner, et chacun agit chez l’autre. "
        "Convient quand les deux directions se parlent déjà et pèsent le même poids.",
        "Marketing and IT decide as equals: marketing settles what customers see, IT what keeps "
        "it running, and each acts in the other’s field. It suits departments that already talk "
        "to each other and carry the same weight.",
    ),
    risk=Bilingual(
        "Quand les deux ne s’entendent plus, rien n’avance : c’est pourquoi le comité exécutif "
        "arbitre les priorités.",
        "When the two fall out, nothing moves: that is why the executive committee settles "
        "priorities.",
    ),
    rows=MappingProxyType(
        {
            **PEOPLE_ROWS,
            "matrix.amend": row("marketing", r="it", i="committee digital relations hr"),
            "organisation.change": row("hr", r="hr marketing it", i="committee digital"),
            "seat.appoint": row("hr", r="hr marketing it", i="committee digital dpo"),
            "member.admit": row("it", r="operations hr marketing", i="dpo"),
            "activity.define": row("marketing", r="marketing it digital", i="committee relations"),
            "audit.export": row("dpo", r="dpo it", i="legal marketing"),
            "source.open": row("it", r="marketing digital", c="dpo", i="relations commerce"),
            "source.change": row("it", r="operations digital", i="marketing dpo"),
            "source.key": row("operations", r="operations", i="it dpo"),
            "plan.agree": row("marketing", r="it steward digital", c="dpo", i="commerce"),
            "quarantine.replay": row("steward", r="steward operations", i="it marketing"),
            "import.run": row("steward", r="steward operations", i="it marketing dpo"),
            "train-teams": row("hr", r="marketing it", c="digital", i="committee"),
            "run-survey": row("hr", r="hr digital", c="marketing it", i="committee communication"),
            "recruit-digital-skills": row("hr", r="hr digital", c="marketing it", i="finance"),
            "plan-joint-agenda": row(
                "marketing",
                r="marketing it digital",
                c="commerce relations",
                i="committee finance",
            ),
            "settle-priorities": row(
                "committee", r="marketing it", c="finance digital", i="relations commerce"
            ),
            "govern-two-speeds": row(
                "it", r="it digital marketing", c="operations", i="committee finance"
            ),
            "report-to-committee": row(
                "marketing", r="marketing it digital", c="finance", i="committee"
            ),
            "choose-marketing-tools": row(
                "marketing", r="it campaigns", c="digital dpo", i="finance committee"
            ),
            "connect-channel": row("it", r="operations", c="marketing dpo", i="relations commerce"),
            "open-api": row("it", r="digital operations", c="dpo legal", i="marketing"),
            "guarantee-availability": row(
                "it", r="operations", i="marketing digital commerce relations"
            ),
            "secure-systems": row("it", r="operations", c="dpo", i="marketing legal"),
            "set-customer-view": row(
                "marketing", r="it steward", c="dpo relations", i="digital commerce"
            ),
            "define-indicator": row(
                "marketing", r="digital steward", c="it finance", i="committee relations"
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
            Domain.PROCESS: row("marketing", r="marketing it", i="committee digital"),
            Domain.TECHNOLOGY: row("it", r="it operations", c="marketing", i="digital"),
            Domain.DATA: row("it", r="steward marketing", c="dpo", i="relations"),
            Domain.CUSTOMER: row("marketing", r="marketing it", i="relations digital"),
        }
    ),
)
