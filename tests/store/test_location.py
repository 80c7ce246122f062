"""A file that other computers may reach is recognised by where it lies."""

from pathlib import Path

import pytest

from myapp.store import Location, create_database, find_location, location

from .conftest import raw

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /mnt/home nfs4 rw 0 0
//nas/my\\040files /mnt/my\\040files cifs rw 0 0
me@host: /home/ann/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/home/local ext4 rw 0 0
/dev/sdc1 /mnt/over ext4 rw 0 0
nas:/over /mnt/over nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/a.sqlite", None),
        ("/mnt/home/a.sqlite", "nfs4"),
        ("/mnt/homes/a.sqlite", None),
        ("/mnt/home/local/a.sqlite", None),
        ("/mnt/my files/a.sqlite", "cifs"),
        ("/home/ann/far/x/a.sqlite", "fuse.sshfs"),
        ("/mnt/over/a.sqlite", "nfs"),
    ],
)
def test_a_network_drive_is_known_by_its_mount(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    found = find_location(Path(path), mounts=mounts, environment={}, windows=False)
    assert found == (Location("network", kind) if kind else None)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("\\\\nas\\share\\a.sqlite", "\\\\nas\\share"),
        ("\\\\?\\UNC\\nas\\share\\a.sqlite", "\\\\nas\\share"),
        ("\\\\?\\C:\\a.sqlite", None),
        ("Z:\\a.sqlite", "Z:"),
        ("C:\\a.sqlite", None),
    ],
)
def test_on_windows_a_share_or_a_drive_that_stands_for_one_is_known(
    monkeypatch: pytest.MonkeyPatch, path: str, name: str | None
) -> None:
    monkeypatch.setattr(location, "drive_type", lambda drive: 4 if drive == "Z:" else 3)
    found = find_location(Path(path), environment={}, windows=True)
    assert found == (Location("network", name) if name else None)


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - Smith & Sons", "OneDrive"),
        ("Library/CloudStorage/OneDrive-Personal", "OneDrive"),
        ("Dropbox (Old)/x", "Dropbox"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("iCloudDrive", "iCloud"),
        ("Library/CloudStorage/GoogleDrive-ann@example.org/My Drive", "Google Drive"),
        ("Nextcloud", "Nextcloud"),
        ("My OneDrive notes", None),
        ("Documents", None),
    ],
)
def test_a_synced_folder_is_known_by_its_name(folder: str, service: str | None) -> None:
    found = find_location(
        Path("/home/ann") / folder / "a.sqlite", mounts=Path("/nowhere"), environment={}
    )
    assert found == (Location("sync", service) if service else None)


def test_a_synced_folder_is_known_by_what_its_program_left_there(tmp_path: Path) -> None:
    path = tmp_path / "shared" / "deep" / "a.sqlite"
    path.parent.mkdir(parents=True)
    nowhere = tmp_path / "nowhere"
    assert find_location(path, mounts=nowhere, environment={}) is None
    (tmp_path / "shared" / ".stfolder").mkdir()
    assert find_location(path, mounts=nowhere, environment={}) == Location("sync", "Syncthing")
    moved = {"OneDrive": str(tmp_path / "shared")}
    assert find_location(path, mounts=nowhere, environment=moved) == Location("sync", "OneDrive")


def test_dropboxs_own_folder_at_home_makes_no_home_a_synced_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".dropbox").mkdir()
    path = tmp_path / "Documents" / "a.sqlite"
    assert find_location(path, mounts=tmp_path / "nowhere", environment={}) is None


@pytest.mark.parametrize(("remote", "mode"), [(True, "delete"), (False, "wal")])
def test_a_new_file_on_a_network_drive_does_without_wal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remote: bool, mode: str
) -> None:
    monkeypatch.setattr(location, "network_of", lambda path, windows: "nfs" if remote else None)
    create_database(tmp_path / "a.sqlite").close()
    assert raw(tmp_path / "a.sqlite", "PRAGMA journal_mode") == [(mode,)]
