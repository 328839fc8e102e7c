"""Runs a file of unittest cases as one ctest, with an honest closing line: "N passed, N failed, N skipped".

Exit code: 0 all passed (or some skipped), 1 any failed, 77 nothing but skips (ctest then says "skipped"). Environment:
TROUPE is the binary under test.
"""
import os
import signal
import sys
import traceback
import unittest

SKIPPED = 77


class Result(unittest.TestResult):
    """Prints a line a case as it ends, and the fault with the logs when it fails."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.subtests_failed = 0

    def addSuccess(self, test):
        if not self.subtests_failed:
            self.passed += 1
            print(f"ok      {name(test)}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped {name(test)}: {reason}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.report(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.subtests_failed += 1
            self.report(subtest, err)

    def report(self, test, err):
        print(f"FAILED  {name(test)}\n{''.join(traceback.format_exception(*err))}", flush=True)
        logs = getattr(test, "logs", None) or getattr(getattr(test, "test_case", None), "logs", None)
        if logs:
            print(logs(), flush=True)


def name(test):
    return test.id().replace("__main__.", "") if hasattr(test, "id") else str(test)


def troupe():
    """The path of the binary under test."""
    path = os.environ.get("TROUPE", "")
    if not os.access(path, os.X_OK):
        sys.exit("set TROUPE to the troupe binary")
    return os.path.abspath(path)


def main():
    """Call as the last line of a test file; arguments choose cases (Class.method or a part of it)."""
    # A killed test takes its hosts down as a failed one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{part}*" for part in sys.argv[1:]] or None
    suite = loader.loadTestsFromModule(sys.modules["__main__"])
    result = Result()
    suite.run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    sys.exit(1 if failed else SKIPPED if not result.passed else 0)
