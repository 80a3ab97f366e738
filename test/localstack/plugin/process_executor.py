"""Runs LocalStack's Lambda functions in processes of this machine's Node, without Docker.

An execution environment is one process. It loads the function once, takes one
invocation after the other, and says of each that it has taken it: one that was killed
while it was idle is replaced. It is in LocalStack's process group, and ends with it.

Variables of LocalStack's environment: LAMBDA_NODE, the path of the Node.
"""

import json
import logging
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

LOG = logging.getLogger(__name__)
RUNNER = Path(__file__).parent / "run-function.ts"
# Of LocalStack's own environment, what a program needs to be found and to write a file.
INHERITED = ("PATH", "TMPDIR")


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *args, **kwargs):
        return ProcessRuntimeExecutor


class FunctionProcess:
    """A process that has the function loaded, or is about to; JSON lines go in and out."""

    def __init__(self, arn: str, code: Path, environment: dict[str, str]) -> None:
        requests, requests_in = os.pipe()
        answers_out, answers = os.pipe()
        self._requests = open(requests_in, "wb")
        self._answers = open(answers_out, "rb", buffering=0)
        self._received = b""
        # A file, not a pipe: what was printed before an answer is there once the answer is.
        self._log = tempfile.TemporaryFile("a+b")
        self._shown = 0
        self._process = subprocess.Popen(
            # The ARN only tells whose process it is to who looks at the machine's.
            [os.environ["LAMBDA_NODE"], str(RUNNER), str(requests), str(answers), arn],
            cwd=code,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(requests, answers),
        )
        os.close(requests)
        os.close(answers)

    def send(self, request: dict) -> None:
        """An ended process is not told: the answer that never comes tells of it."""
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except BrokenPipeError:
            pass

    def receive(self, seconds: float) -> dict | None:
        """The next answer; None where the process ended instead. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError
            piece = self._answers.read(65_536)
            if not piece:
                return None
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)

    def end(self) -> str:
        """How it ended, by SIGKILL where it still ran."""
        self._process.kill()
        code = self._process.wait()
        return f"signal: {-code}" if code < 0 else f"exit status {code}"

    def take_log(self) -> str:
        """What it printed since this was asked last."""
        text = os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size - self._shown, self._shown)
        self._shown += len(text)
        return text.decode(errors="replace")


class ProcessRuntimeExecutor(RuntimeExecutor):
    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._environment: dict[str, str] = {}
        self._process: FunctionProcess | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        given = {name: str(value) for name, value in env_vars.items()}
        self._environment = {**inherited, **given, "LAMBDA_TASK_ROOT": str(self._code())}
        self._launch()

    def stop(self) -> None:
        if self._process is not None:
            self._process.end()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        seconds = self.function_version.config.timeout
        invocation = {
            "requestId": request_id,
            "functionArn": payload["invoked-function-arn"],
            "event": payload["payload"] or "{}",
        }
        if not self._hand_over(invocation, seconds):
            # It was killed while it was idle.
            self._launch()
            self._hand_over(invocation, seconds)
        answer = self._answer(seconds, request_id)
        return InvocationResult(
            request_id=request_id,
            payload=(json.dumps(answer["error"]) if "error" in answer else answer["result"]).encode(),
            is_error="error" in answer,
            logs=f"START RequestId: {request_id}\n{self._process.take_log()}\nEND RequestId: {request_id}\n",
        )

    def get_logs(self) -> str:
        return self._process.take_log() if self._process is not None else ""

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Nothing is called back: the answers come through a pipe."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The code is LocalStack's to remove."""

    def _code(self) -> Path:
        return self.function_version.config.code.get_unzipped_code_location()

    def _hand_over(self, invocation: dict, seconds: float) -> bool:
        """Whether the process took it; where it did not, nothing of the function has run."""
        self._process.send({**invocation, "deadlineMs": int((time.time() + seconds) * 1_000)})
        try:
            return self._process.receive(seconds) is not None
        except TimeoutError:
            self._process.end()
            return False

    def _launch(self) -> None:
        """Raises StatusErrorException, which LocalStack answers the invocation with, where the function does not load."""
        self._process = FunctionProcess(self.function_version.qualified_arn, self._code(), self._environment)
        answer = self._answer(config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT, "init")
        if "error" in answer:
            self._process.end()
            LOG.warning("%s did not load:\n%s", self.function_version.qualified_arn, self._process.take_log())
            raise StatusErrorException("the function did not load", json.dumps(answer["error"]).encode())

    def _answer(self, seconds: float, request_id: str) -> dict:
        """The process's answer, or Lambda's own error where it gave none."""
        try:
            answer = self._process.receive(seconds)
        except TimeoutError:
            self._process.end()
            return lambda_error("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds")
        if answer is None:
            return lambda_error("Runtime.ExitError", request_id, f"Runtime exited with error: {self._process.end()}")
        return answer


def lambda_error(error_type: str, request_id: str, message: str) -> dict:
    return {"error": {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}}
