"""Which addresses can be shared at, and which peers are of the subnet: to the very edge."""

import ipaddress

import pytest

from myapp.desktop.interfaces import Interface, as_interface, find_interfaces

HOME = Interface("eth0", "192.168.1.5", ipaddress.IPv4Network("192.168.1.0/25"))


@pytest.mark.parametrize(
    "peer",
    ["192.168.1.1", "192.168.1.5", "192.168.1.126", "::ffff:192.168.1.7", "::ffff:c0a8:107"],
)
def test_a_device_of_the_subnet_is_admitted(peer: str) -> None:
    assert HOME.holds(peer)


@pytest.mark.parametrize(
    "peer",
    [
        "192.168.1.0",  # the network itself
        "192.168.1.127",  # its broadcast
        "192.168.1.128",
        "192.168.0.255",
        "192.168.2.1",
        "127.0.0.1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "8.8.8.8",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "::192.168.1.5",
        "::ffff:192.168.1.200",
        "::ffff:192.168.1.7%eth0",
        "::ffff:0:192.168.1.7",
        "fd00::192.168.1.7",
        "fd12:3456:789a::7",
        "64:ff9b::c0a8:105",
        "2002:c0a8:0105::1",
        "192.168.1.5:80",
        "192.168.1.05",
        "192.168.1",
        "0xc0a80105",
        "3232235781",
        "192.168.1.5, 10.0.0.1",
        "",
        "localhost",
    ],
)
def test_anybody_else_is_not(peer: str) -> None:
    assert not HOME.holds(peer)


@pytest.mark.parametrize(
    ("address", "mask"),
    [
        ("127.0.0.1", "255.0.0.0"),
        ("8.8.8.8", "255.255.255.0"),
        ("100.64.0.7", "255.192.0.0"),
        ("192.168.1.5", "255.255.255.255"),
        ("192.168.1.5", "0.0.0.0"),
        ("192.168.1.5", "255.0.0.0"),
        ("0.0.0.0", "0.0.0.0"),
        ("", ""),
    ],
)
def test_an_address_that_is_not_a_local_networks_is_not_offered(address: str, mask: str) -> None:
    assert as_interface("x", address, mask) is None


def test_a_subnet_of_a_house_is_offered() -> None:
    found = as_interface("wlan0", "192.168.178.20", "255.255.255.0")
    assert found is not None
    assert str(found.subnet) == "192.168.178.0/24"


def test_this_computers_own_are_private_and_never_loopback() -> None:
    for each in find_interfaces():
        assert each.subnet.is_private
        assert each.holds(each.address)
        assert not each.holds("127.0.0.1")
