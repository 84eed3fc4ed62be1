"""Who can sign in. What they may do is the mandate's affair, not the account's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an account; without a password it opens only by invitation or by OIDC."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account. It holds no permission: letters in the matrix do."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, blank=True)  # empty follows the browser
    theme = models.CharField(max_length=5, blank=True)  # empty follows the system
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]

    def __str__(self) -> str:
        return self.email
