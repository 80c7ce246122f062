"""What an account may do, in three steps."""

from enum import StrEnum


class Role(StrEnum):
    """A viewer changes nothing, an editor changes records, an owner everything else as well."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)
