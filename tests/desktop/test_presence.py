"""When the last page is gone the program may end, and never before."""

from myapp.desktop.presence import GRACE_TICKS, HIDDEN_TICKS, VISIBLE_TICKS, Presence


def ticks(presence: Presence, count: int) -> bool:
    ended = [presence.tick() for _ in range(count)]
    return any(ended)


def test_nothing_ends_before_the_first_page() -> None:
    assert not ticks(Presence(lambda: None), 10_000)


def test_the_last_goodbye_ends_the_program_after_a_grace() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hello", 1)
    presence.hear("a", "goodbye", 2)
    assert not ticks(presence, GRACE_TICKS)
    assert presence.tick()


def test_a_page_on_its_way_is_waited_for_however_slowly_its_parts_come() -> None:
    presence = Presence(lambda: None)
    presence.hear("old", "hello", 1)
    presence.hear("old", "goodbye", 2)
    for _ in range(10):
        presence.note_request()
        assert not ticks(presence, GRACE_TICKS - 1)
    presence.hear("new", "hello", 1)
    assert not ticks(presence, GRACE_TICKS * 3)
    presence.hear("new", "goodbye", 2)
    assert ticks(presence, GRACE_TICKS + 1)


def test_a_word_that_arrives_after_the_goodbye_does_not_bring_a_page_back() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hello", 1)
    presence.hear("a", "goodbye", 3)
    presence.hear("a", "hidden", 2)
    assert ticks(presence, GRACE_TICKS + 1)


def test_a_reload_never_ends_it() -> None:
    presence = Presence(lambda: None)
    presence.hear("old", "hello", 1)
    presence.hear("new", "hello", 2)
    presence.hear("old", "goodbye", 3)
    assert not ticks(presence, GRACE_TICKS * 3)


def test_a_second_tab_keeps_it_alive() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hello", 1)
    presence.hear("b", "hello", 2)
    presence.hear("a", "goodbye", 3)
    for _ in range(100):
        presence.hear("b", "ping", 4)
        assert not ticks(presence, 20)


def test_a_killed_browser_ends_it_at_last() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hello", 1)
    assert not ticks(presence, VISIBLE_TICKS)
    assert ticks(presence, GRACE_TICKS + 2)


def test_a_hidden_page_may_be_silent_for_hours() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hidden", 1)
    assert not ticks(presence, HIDDEN_TICKS)


def test_a_running_job_is_waited_for() -> None:
    running = ["import"]
    presence = Presence(lambda: running[0] if running else None)
    presence.hear("a", "hello", 1)
    presence.hear("a", "goodbye", 2)
    assert not ticks(presence, 100)
    running.clear()
    assert presence.tick()


def test_a_hello_that_comes_after_its_goodbye_does_not_bring_the_page_back() -> None:
    presence = Presence(lambda: None)
    presence.hear("first", "hello", 1)
    presence.hear("first", "goodbye", 2)
    presence.hear("a", "goodbye", 2)
    presence.hear("a", "hello", 1)
    assert any(presence.tick() for _ in range(GRACE_TICKS + 1))


def test_a_goodbye_that_comes_after_the_next_hello_does_not_end_the_page() -> None:
    presence = Presence(lambda: None)
    presence.hear("a", "hello", 1)
    presence.hear("a", "hello", 3)
    presence.hear("a", "goodbye", 2)
    assert not any(presence.tick() for _ in range(GRACE_TICKS + 10))


def test_it_is_left_when_pages_were_open_and_none_is() -> None:
    presence = Presence(lambda: None)
    assert not presence.is_left()
    presence.hear("a", "hello", 1)
    assert not presence.is_left()
    presence.hear("a", "goodbye", 2)
    assert presence.is_left()


def test_a_page_that_was_hidden_must_speak_again_after_a_browser_has_ended() -> None:
    presence = Presence(lambda: None)
    presence.hear("killed", "hidden", 1)
    presence.hear("elsewhere", "hidden", 1)
    presence.doubt()
    presence.hear("elsewhere", "hidden", 2)
    assert not ticks(presence, VISIBLE_TICKS + GRACE_TICKS + 1)
    presence.doubt()
    assert ticks(presence, VISIBLE_TICKS + GRACE_TICKS + 1)
