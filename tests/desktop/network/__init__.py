"""Sharing on the local network: with this computer's own private address, and with real peers."""
