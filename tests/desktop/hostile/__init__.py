"""What an attacker sends: raw requests to a started program that hosts a naive application.

Each attack is told beside the honest request that it was made from. The honest one must reach the
application and the attack must not, so that no attack is refused for a reason that is not its own.
"""
