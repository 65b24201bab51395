"""A real Apache Kafka (KRaft, one node, loopback only) for tests, benchmarks and for trying the wall by hand.

``python -m tests.integration.kafka_broker --port 9092`` runs one until Ctrl-C. The jars come once from Maven into
``.cache/kafka`` (or ``$XDG_CACHE_HOME/wallboard/kafka`` where the repository cannot be written); Java 17 runs them.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.processes import end

POM = Path(__file__).with_name("pom.xml")
REPOSITORY = Path(__file__).resolve().parents[2]
START_DEADLINE_S = 90.0
STOP_DEADLINE_S = 30.0
FETCH_DEADLINE_S = 600.0
# one compiler stage and one collector thread: tests share two cores with their broker
JVM_OPTIONS = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}{secure_listener}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{secure_listener}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
log.dirs={data}
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
log.cleaner.backoff.ms=500
log.initial.task.delay.ms=500
file.delete.delay.ms=1000
"""

SECURE_PROPERTIES = """\
listener.name.secure.sasl.enabled.mechanisms=PLAIN
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
required user_{user}="{password}";
listener.name.secure.ssl.keystore.type=PKCS12
listener.name.secure.ssl.keystore.location={keystore}
listener.name.secure.ssl.keystore.password={password}
"""
SECURE_USER, SECURE_PASSWORD = "wall", "only-for-tests"


class BrokerError(RuntimeError):
    """The broker cannot be fetched or does not run; the text says why and what to do."""


def jars() -> Path:
    """The directory of the broker's jars, fetched with Maven when not there yet. Raises BrokerError."""
    folder = _cache() / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once must not fetch into one folder
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _cache() -> Path:
    if os.access(REPOSITORY, os.W_OK):
        return REPOSITORY / ".cache" / "kafka"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wallboard" / "kafka"


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise BrokerError("Maven (mvn) is needed to fetch Apache Kafka; install it or set KAFKA_BOOTSTRAP_SERVERS")
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    command = [maven, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime",
               f"-DoutputDirectory={partial}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_DEADLINE_S)
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise BrokerError(f"Maven could not fetch Apache Kafka ({' '.join(command)}):\n{said}")
        partial.rename(folder)
    except subprocess.TimeoutExpired:
        raise BrokerError(f"Maven did not fetch Apache Kafka within {FETCH_DEADLINE_S:.0f} s") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """``count`` different ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class KafkaBroker:
    """One broker process on one port and one data directory; it can be killed and started again on both."""

    def __init__(self, folder: Path, port: int = 0, jvm_options: Sequence[str] = JVM_OPTIONS,
                 secure: bool = False) -> None:
        ports = free_ports(3)
        self.port = port or ports[0]
        self._controller_port = ports[1]
        self._secure_port = ports[2] if secure else 0
        self._folder = folder
        self._jvm_options = jvm_options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def secure_servers(self) -> str:
        """The address that wants TLS and SASL PLAIN with SECURE_USER and SECURE_PASSWORD; for a ``secure`` broker."""
        return f"127.0.0.1:{self._secure_port}"

    @property
    def certificate(self) -> Path:
        """What to trust at ``secure_servers`` (PEM)."""
        return self._folder / "broker.pem"

    @property
    def pid(self) -> int:
        """The process id; 0 while stopped."""
        return self._process.pid if self._process else 0

    @property
    def log_file(self) -> Path:
        return self._folder / "broker.log"

    def start(self) -> None:
        """Start (the first time with a new data directory) and wait until clients are served. Raises BrokerError."""
        if self._process and self._process.poll() is None:
            return
        properties = self._folder / "server.properties"
        if not properties.exists():
            self._format(properties)
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(properties)), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._await_service()

    def stop(self) -> None:
        """Stop in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop as a power cut does: SIGKILL, nothing is flushed or handed over."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the process: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """End a pause."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process, how, STOP_DEADLINE_S)

    def _format(self, properties: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(
            port=self.port, controller_port=self._controller_port, data=self._folder / "data",
            secure_listener=f",SECURE://{self.secure_servers}" if self._secure_port else "")
        if self._secure_port:
            text += self._make_certificate()
        properties.write_text(text)
        command = self._java("kafka.tools.StorageTool", "format", "-t", "d2FsbGJvYXJkLXRlc3RzMQ", "-c", str(properties))
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_DEADLINE_S)
        if done.returncode:
            properties.unlink()
            raise BrokerError(f"the broker's data directory could not be formatted:\n{done.stdout}{done.stderr}")

    def _make_certificate(self) -> str:
        """A key of the broker's own; returns the properties that use it."""
        keystore = self._folder / "broker.p12"
        common = ["-alias", "broker", "-keystore", str(keystore), "-storepass", SECURE_PASSWORD]
        for arguments in (
            ["-genkeypair", "-keyalg", "RSA", "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-validity", "30"],
            ["-exportcert", "-rfc", "-file", str(self.certificate)],
        ):
            subprocess.run(["keytool", *arguments, *common], check=True, capture_output=True, timeout=START_DEADLINE_S)
        return SECURE_PROPERTIES.format(user=SECURE_USER, password=SECURE_PASSWORD, keystore=keystore)

    def _java(self, *arguments: str) -> list[str]:
        java = shutil.which("java")
        if not java:
            raise BrokerError("Java 17 or newer is needed for Apache Kafka; install it or set KAFKA_BOOTSTRAP_SERVERS")
        return [java, *self._jvm_options, "-cp", f"{jars()}/*", *arguments]

    def _await_service(self) -> None:
        from kafka.errors import KafkaError

        from data_feeds.kafka_client import KafkaUnavailable, open_admin
        from data_feeds.settings import Settings

        settings = Settings(kafka_bootstrap_servers=self.bootstrap_servers)
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise BrokerError(f"the broker ended while starting:\n{self._tail()}")
            if not _listens(self.port):
                time.sleep(0.1)
                continue
            try:
                with open_admin(settings) as admin:
                    admin.describe_cluster()
                return
            except (KafkaUnavailable, KafkaError):
                time.sleep(0.2)
        self.kill()
        raise BrokerError(f"the broker served nobody within {START_DEADLINE_S:.0f} s:\n{self._tail()}")

    def _tail(self) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-25:])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running_broker(
    port: int = 0, jvm_options: Sequence[str] = JVM_OPTIONS, secure: bool = False
) -> Iterator[KafkaBroker]:
    """A started broker with a data directory of its own, which is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wallboard-kafka-"))
    broker = KafkaBroker(folder, port, jvm_options, secure)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run a broker until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Run one real Apache Kafka broker on loopback until Ctrl-C.")
    parser.add_argument("--port", type=int, default=9092, help="port for clients (0: any free one)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running_broker(arguments.port) as broker:
            print(f"Apache Kafka serves {broker.bootstrap_servers} (pid {broker.pid}); Ctrl-C ends it", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except BrokerError as error:
        raise SystemExit(f"kafka_broker: {error}") from None


if __name__ == "__main__":
    main()
