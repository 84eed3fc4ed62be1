"""Everything that can be done to the organisation, in one place for those who perform it."""

from pupitre.rules.mandate.organisation.admission import (
    ChangeMember,
    ForgetSecondFactors,
    InviteMember,
    InviteMembers,
    ReinstateMember,
    ResendInvitation,
    SuspendMember,
)
from pupitre.rules.mandate.organisation.appointments import Appoint, CancelAppointment, EndTenure
from pupitre.rules.mandate.organisation.delegations import (
    AppointDeputy,
    Delegate,
    EndDelegation,
    EndDeputy,
)
from pupitre.rules.mandate.organisation.functions import (
    ChangeFunction,
    CreateFunction,
    RemoveFunction,
)
from pupitre.rules.mandate.organisation.importing import ImportOrganisation
from pupitre.rules.mandate.organisation.seats import (
    ChangeSeat,
    CloseSeat,
    CreateSeat,
    ReopenSeat,
    SeatDetails,
)

__all__ = [
    "Appoint",
    "AppointDeputy",
    "CancelAppointment",
    "ChangeFunction",
    "ChangeMember",
    "ChangeSeat",
    "CloseSeat",
    "CreateFunction",
    "CreateSeat",
    "Delegate",
    "EndDelegation",
    "EndDeputy",
    "EndTenure",
    "ForgetSecondFactors",
    "ImportOrganisation",
    "InviteMember",
    "InviteMembers",
    "ReinstateMember",
    "RemoveFunction",
    "ReopenSeat",
    "ResendInvitation",
    "SeatDetails",
    "SuspendMember",
]
