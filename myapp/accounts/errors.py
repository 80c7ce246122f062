"""What accounts refuse, each with its sentence. None tells whether an account exists."""

import math

from myapp.store import AppError


class NotSignedIn(AppError):
    def __init__(self) -> None:
        super().__init__("This name and this password do not belong together. Try again.")


class TooManyTries(AppError):
    """`seconds` until the next try is counted."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        minutes = math.ceil(self.seconds / 60)
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(f"There were too many tries. Wait {minutes} {unit}, then try again.")


class NameNotFit(AppError):
    def __init__(self) -> None:
        super().__init__(
            "A name has 2 to 60 letters, digits, blanks or one of . _ @ - and begins with a letter "
            "or digit. Each of its words is written in one alphabet, and all of it can be seen."
        )


class NameTaken(AppError):
    def __init__(self) -> None:
        super().__init__("Somebody has this name already. Choose another one.")


class PasswordNotFit(AppError):
    pass


class InvitationOver(AppError):
    def __init__(self) -> None:
        super().__init__(
            "This link was used already, or its time is over. Ask whoever gave it to you for a new "
            "one."
        )


class NoSuchAccount(AppError):
    def __init__(self) -> None:
        super().__init__("There is no such account any more. Nothing was changed.")


class AccountEnded(AppError):
    def __init__(self) -> None:
        super().__init__("This account was ended. Nothing was changed.")


class LastOwner(AppError):
    def __init__(self) -> None:
        super().__init__(
            "This is the only owner. Make somebody else an owner first. Nothing was changed."
        )
