"""Connections: a client does not see that time passes."""

import time

from installation import Installation
from judge import Case


class Connections(Case):
    def setUp(self):
        self.home = Installation("--header-timeout", "1s", "--idle-timeout", "2s")
        self.addCleanup(self.home.close)

    def test_the_first_call_after_a_silence_is_answered(self):
        for _ in range(2):
            # Longer than any timeout of a connection, with nobody there.
            time.sleep(3)
            client = self.home.client("sts")
            client.get_caller_identity()
            client.close()

    def test_a_client_that_kept_its_connection_too_long_opens_another(self):
        client = self.client("sts", retries={"total_max_attempts": 2})
        client.get_caller_identity()
        time.sleep(4)
        client.get_caller_identity()
