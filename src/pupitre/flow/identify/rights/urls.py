from __future__ import annotations

from django.urls import path

from pupitre.flow.identify.rights import acting_pages, pages

urlpatterns = [
    path("rights/", pages.rights, name="rights"),
    path("rights/new/", acting_pages.new_right, name="right_new"),
    path("rights/<int:number>/", pages.right, name="right"),
    path("rights/<int:number>/customer/", acting_pages.tie_right, name="right_tie"),
    path("rights/<int:number>/identity/", acting_pages.check_right, name="right_check"),
    path("rights/<int:number>/extend/", acting_pages.extend_right, name="right_extend"),
    path("rights/<int:number>/answer/", acting_pages.answer_right, name="right_answer"),
    path("rights/<int:number>/erase/", acting_pages.erase_right, name="right_erase"),
    path("rights/<int:number>/refuse/", acting_pages.refuse_right, name="right_refuse"),
    path("rights/<int:number>/withdraw/", acting_pages.withdraw_right, name="right_withdraw"),
    path("rights/<int:number>/lift/", acting_pages.lift_right, name="right_lift"),
    path("rights/<int:number>/copy/", pages.copy, name="right_copy"),
]
