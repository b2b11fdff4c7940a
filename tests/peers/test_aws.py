"""The AWS tools with the real AWS CLI and an emulator of AWS. What a call does is
asked of the emulator by the CLI itself, past Howdah."""

import json
import os
import pathlib
import subprocess
import time

import pytest

import peers
from aws_world import ACCOUNT, AwsBackend, Moto, Overheard
from mcp_client import AnsweringClient, ToolError
from recipes import GRPCURL, Recipes

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY = """version: 1
profiles: [default, other]
rules:
  - name: app-secrets
    effect: allow
    commands: ["secretsmanager get-secret-value"]
    reveal: [secrets]
  - name: objects
    effect: allow
    commands: ["s3api get-object", "s3 cp"]
    reveal: [data]
  - name: no-users
    effect: deny
    commands: ["iam create-user"]
"""


@pytest.fixture(scope="module")
def moto():
    with Moto() as running:
        yield running


@pytest.fixture(scope="module")
def backend(moto):
    with AwsBackend(moto) as running:
        yield running
        running.process.terminate()
        assert running.process.wait(60) == 0
        assert not list(pathlib.Path(running.folder).glob("howdah-aws-*"))


@pytest.fixture(scope="module")
def governed(moto):
    with AwsBackend(moto, policy=POLICY) as running:
        yield running


def refused(call, reason):
    with pytest.raises(ToolError) as raised:
        call()
    assert raised.value.error["reason"] == reason, raised.value.error
    return raised.value.error


# Three doors.

def test_who_acts_is_told_at_every_door(backend):
    told = backend.tool("get_aws_identity")
    assert told["account"] == ACCOUNT and told["arn"].startswith("arn:aws:sts::" + ACCOUNT)
    assert told["region"] == "eu-west-1" and told["cli_version"].startswith("aws-cli/")
    shown = json.loads(backend.ctl("aws", "get-identity", "-o", "json"))
    assert shown["account"] == ACCOUNT
    answer = grpc(backend, "GetIdentity", {})
    assert answer["account"] == ACCOUNT and answer["arn"] == told["arn"]


def grpc(backend, method, request, expect_error=False):
    done = subprocess.run(
        [peers.go_install(GRPCURL), "-plaintext", "-d", json.dumps(request), backend.address,
         "howdah.aws.v1.AwsService/" + method], capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == expect_error, done.stderr
    return done.stderr if expect_error else json.loads(done.stdout)


def test_reads_and_writes_work_at_every_door(backend, moto):
    grpc(backend, "ExecuteWriteCommand", {
        "command": "s3api create-bucket --bucket by-grpc "
                   "--create-bucket-configuration LocationConstraint=eu-west-1"})
    backend.ctl("aws", "execute-write-command", "--command", "s3 mb s3://by-ctl")
    backend.write("s3 mb s3://by-mcp")
    buckets = {b["Name"] for b in moto.aws("s3api", "list-buckets")["Buckets"]}
    assert {"by-grpc", "by-ctl", "by-mcp"} <= buckets
    query = "s3api list-buckets --query 'Buckets[].Name'"
    assert set(backend.read(query)["result"]) == buckets
    assert set(grpc(backend, "ExecuteReadCommand", {"command": query})["result"]) == buckets
    shown = json.loads(backend.ctl("aws", "execute-read-command", "--command", query,
                                   "-o", "json"))
    assert set(shown["result"]) == buckets
    text = backend.ctl("aws", "execute-read-command", "--command", "s3 ls")
    assert "by-mcp" in text


def test_every_tool_answers_to_a_recipe_and_to_howdahctl(backend, moto):
    recipe = Recipes(backend.address)

    def ctl(*arguments):
        return json.loads(backend.ctl("aws", *arguments, "-o", "json"))

    assert recipe("aws-identity")["account"] == ACCOUNT
    assert recipe("aws-identity", "default")["profile"] == "default"
    names = {"default", "other", "forbidden"}
    assert {p["name"] for p in recipe("aws-profiles")["profiles"]} == names
    assert {p["name"] for p in ctl("list-profiles")["profiles"]} == names
    stop = "ec2 stop-instances --instance-ids i-1"
    assert recipe("aws-explain", stop)["commandClass"] == "COMMAND_CLASS_DESTRUCTIVE"
    assert ctl("explain-command", "--command", stop)["tool"] == "execute_aws_write_command"
    make = "s3 mb 's3://by-recipe'"
    rehearsed = recipe("aws-write", make)
    assert rehearsed["dryRun"] and rehearsed["arguments"][:3] == ["s3", "mb", "s3://by-recipe"]
    assert "by-recipe" not in json.dumps(moto.aws("s3api", "list-buckets"))
    recipe("aws-write", make, "--yes")
    assert "by-recipe" in json.dumps(moto.aws("s3api", "list-buckets"))
    query = "s3api list-buckets --query \"Buckets[?Name == 'by-recipe'].Name\""
    assert recipe("aws-read", query)["result"] == ["by-recipe"]
    assert "NOT_A_READ" in recipe.text("aws-read", make, expect=1)


def test_profiles_are_listed_without_credentials(backend, governed):
    listed = backend.tool("list_aws_profiles")
    kinds = {p["name"]: p["credentials"] for p in listed["profiles"]}
    assert kinds == {"default": "access_key", "other": "assume_role", "forbidden": "access_key"}
    assert "AKIA" not in json.dumps(listed) and "wJalr" not in json.dumps(listed)
    allowed = {p["name"]: p["allowed"] for p in governed.tool("list_aws_profiles")["profiles"]}
    assert allowed == {"default": True, "other": True, "forbidden": False}
    first = backend.tool("list_aws_profiles", page_size=1)
    assert [p["name"] for p in first["profiles"]] == ["default"]
    rest = backend.tool("list_aws_profiles", page_token=first["next_page_token"])
    assert [p["name"] for p in rest["profiles"]] == ["forbidden", "other"]


def test_a_profile_acts_as_its_role(governed, moto):
    moto.aws("iam", "create-role", "--role-name", "other", "--assume-role-policy-document", "{}")
    assert ":assumed-role/other/" in governed.tool("get_aws_identity", profile="other")["arn"]
    assert governed.tool("get_aws_identity", profile="other")["region"] == "us-east-1"
    refused(lambda: governed.tool("get_aws_identity", profile="forbidden"), "PROFILE_NOT_ALLOWED")
    refused(lambda: governed.read("s3api list-buckets", profile="forbidden"),
            "PROFILE_NOT_ALLOWED")
    refused(lambda: governed.read("s3api list-buckets", profile="nobody"), "PROFILE_UNKNOWN")
    assert governed.read("s3api list-buckets", profile="default")["profile"] == "default"
    moto.aws("sqs", "create-queue", "--queue-name", "far", "--region", "us-east-1")
    far = governed.read("sqs list-queues", region="us-east-1")
    assert far["region"] == "us-east-1" and far["result"]["QueueUrls"][0].endswith("/far")
    assert "QueueUrls" not in (governed.read("sqs list-queues", region="eu-north-1")
                               .get("result") or {})


# The services.

def test_ec2_instances_live_and_die_with_a_confirmation(backend, moto):
    run = backend.write("ec2 run-instances --image-id ami-12c6146b --count 1 "
                        "--instance-type t3.micro --user-data 'password=hunter2'")
    instance = run["result"]["Instances"][0]["InstanceId"]
    assert run["account"] == ACCOUNT and "hunter2" not in json.dumps(run)
    seen = backend.read("ec2 describe-instances --instance-ids %s "
                        "--query 'Reservations[].Instances[].State.Name'" % instance)
    assert seen["result"] == ["running"]
    data = backend.read("ec2 describe-instance-attribute --attribute userData "
                        "--instance-id " + instance)
    assert data["result"]["UserData"] == "[redacted]" and data["redacted"] == ["UserData"]

    terminate = "ec2 terminate-instances --instance-ids " + instance
    error = refused(lambda: backend.write(terminate), "CONFIRMATION_REQUIRED")
    assert "confirm=true" in error["message"]
    rehearsal = backend.write(terminate, dry_run=True)
    assert rehearsal["arguments"] == ["ec2", "terminate-instances", "--instance-ids", instance,
                                      "--region", "eu-west-1"]
    assert rehearsal["account"] == ACCOUNT and rehearsal["command_class"] == "destructive"
    states = "Reservations[].Instances[].State.Name"
    assert moto.aws("ec2", "describe-instances", "--query", states) == ["running"]
    backend.write(terminate, confirm=True)
    assert moto.aws("ec2", "describe-instances", "--query", states) == ["terminated"]
    assert backend.read("ec2 describe-instances --dry-run")["summary"].endswith(
        "the call would have succeeded.")


def test_the_user_is_asked_before_something_is_destroyed(backend, moto):
    url = moto.aws("sqs", "create-queue", "--queue-name", "doomed")["QueueUrl"]
    delete = {"command": "sqs delete-queue --queue-url " + url}
    with AnsweringClient([ROOT / ".howdah/bin/howdah-mcp", "--backend",
                          "unix:" + backend.socket, "--toolsets", "aws"],
                         stderr=subprocess.DEVNULL) as user:
        user.initialize_with({"elicitation": {}})
        user.answers["elicitation/create"] = {"action": "decline"}
        declined = user.call_raw("execute_aws_write_command", delete)
        assert declined["structuredContent"]["error"]["reason"] == "CONFIRMATION_DECLINED"
        question = user.asked[0]["params"]["message"]
        assert "sqs delete-queue" in question and ACCOUNT in question, question
        assert url in moto.aws("sqs", "list-queues")["QueueUrls"]
        user.answers["elicitation/create"] = {"action": "accept", "content": {"confirm": True}}
        assert not user.call_raw("execute_aws_write_command", delete).get("isError")
    assert url not in (moto.aws("sqs", "list-queues") or {}).get("QueueUrls", [])


def test_rds_passwords_stay_where_they_are(backend, moto):
    made = backend.write("rds create-db-instance --db-instance-identifier db1 "
                         "--db-instance-class db.t3.micro --engine postgres "
                         "--allocated-storage 20 --master-username app "
                         "--master-user-password hunter2hunter2")
    assert made["result"]["DBInstance"]["DBInstanceIdentifier"] == "db1"
    assert "hunter2" not in json.dumps(made) and "hunter2" not in backend.log()
    assert moto.aws("rds", "describe-db-instances")["DBInstances"][0]["MasterUsername"] == "app"
    assert backend.read("rds describe-db-instances --query 'DBInstances[0].Engine'")[
        "result"] == "postgres"
    error = refused(lambda: backend.read("rds describe-db-instances "
                                         "--db-instance-identifier none"), "SERVICE_ERROR")
    assert error["code"] == "NOT_FOUND"
    assert error["metadata"]["awsErrorCode"] == "DBInstanceNotFound"


def test_iam_errors_carry_their_code(backend, governed, moto):
    refused(lambda: governed.write("iam create-user --user-name eve"), "POLICY_DENIED")
    backend.write("iam create-user --user-name ada")
    assert moto.aws("iam", "get-user", "--user-name", "ada")["User"]["UserName"] == "ada"
    again = refused(lambda: backend.write("iam create-user --user-name ada"), "SERVICE_ERROR")
    assert again["code"] == "ALREADY_EXISTS"
    assert again["metadata"]["awsErrorCode"] == "EntityAlreadyExists"
    missing = refused(lambda: backend.read("iam get-user --user-name none"), "SERVICE_ERROR")
    assert missing["code"] == "NOT_FOUND" and missing["metadata"]["operation"] == "GetUser"
    refused(lambda: backend.write("iam create-access-key --user-name ada"),
            "SECRETS_NOT_ALLOWED")


def test_sts_mints_no_credentials(backend):
    assert backend.read("sts get-caller-identity")["result"]["Account"] == ACCOUNT
    for command in ("sts get-session-token",
                    "sts assume-role --role-arn arn:aws:iam::1:role/x --role-session-name y"):
        refused(lambda command=command: backend.write(command, confirm=True),
                "SECRETS_NOT_ALLOWED")


def test_ssm_parameters_are_not_decrypted(backend, moto):
    backend.write("ssm put-parameter --name /app/key --type SecureString --value hunter2")
    assert "hunter2" not in backend.log()
    assert moto.aws("ssm", "get-parameter", "--name", "/app/key", "--with-decryption")[
        "Parameter"]["Value"] == "hunter2"
    seen = backend.read("ssm get-parameter --name /app/key")
    assert seen["result"]["Parameter"]["Name"] == "/app/key"
    assert "hunter2" not in json.dumps(seen)
    for command in ("ssm get-parameter --name /app/key --with-decryption",
                    """ssm get-parameter --cli-input-json
                       '{"Name":"/app/key","WithDecryption":true}'""".replace("\n", " ")):
        refused(lambda command=command: backend.read(command), "SECRETS_NOT_ALLOWED")


def test_secrets_are_revealed_by_a_rule_alone(backend, governed, moto):
    backend.write("secretsmanager create-secret --name db --secret-string hunter2")
    assert "hunter2" not in backend.log()
    get = "secretsmanager get-secret-value --secret-id db"
    refused(lambda: backend.read(get), "SECRETS_NOT_ALLOWED")
    assert governed.read(get)["result"]["SecretString"] == "hunter2"
    line = governed.audit()[-1]
    assert line["effect"] == "read" and "secretsmanager get-secret-value" in json.dumps(line)
    assert "hunter2" not in governed.log()
    assert backend.read("secretsmanager describe-secret --secret-id db")["result"]["Name"] == "db"
    assert moto.aws("secretsmanager", "list-secrets")["SecretList"][0]["Name"] == "db"


def test_a_repeated_write_is_done_once_where_aws_has_a_token(backend, moto):
    # Programs send the request id, over gRPC; it is no parameter of the tool.
    def write(command, request_id, **more):
        return grpc(backend, "ExecuteWriteCommand",
                    {"command": command, "requestId": request_id}, **more)

    make = "efs create-file-system --tags Key=Name,Value=once"
    first = write(make, "nightly-4711")
    # EFS says of a repeated token that it knows the file system already.
    assert "FileSystemAlreadyExists" in write(make, "nightly-4711", expect_error=True)
    systems = moto.aws("efs", "describe-file-systems")["FileSystems"]
    assert [s["FileSystemId"] for s in systems] == [first["result"]["FileSystemId"]]
    token = "5d0c6f5e-0000-4000-8000-00000000000a"
    made = write("secretsmanager create-secret --name once --secret-string x", token)
    assert made["result"]["VersionId"] == token
    told = write("sqs create-queue --queue-name again", "nightly-4711")
    assert "repeated, it is done again" in told["summary"]


def test_cloudformation_templates_are_shown_without_passwords(backend, moto):
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {
        "QueueName": "from-stack"}}}, "Metadata": {"DbPassword": "hunter2"}})
    backend.write("cloudformation create-stack --stack-name s1 --template-body '%s'" % template)
    assert any(url.endswith("/from-stack")
               for url in moto.aws("sqs", "list-queues")["QueueUrls"])
    shown = backend.read("cloudformation get-template --stack-name s1")
    assert shown["result"]["TemplateBody"]["Resources"]["Queue"]["Type"] == "AWS::SQS::Queue"
    assert "hunter2" not in json.dumps(shown)
    missing = refused(lambda: backend.read("cloudformation describe-stacks --stack-name none"),
                      "SERVICE_ERROR")
    assert missing["code"] == "NOT_FOUND"


def test_lambda_settings_hide_and_functions_need_a_confirmation(backend, moto):
    moto.aws("iam", "create-role", "--role-name", "fn", "--assume-role-policy-document", "{}")
    archive = os.path.join(moto.folder, "fn.zip")
    subprocess.run(["python3", "-c", "import sys, zipfile\n"
                    "zipfile.ZipFile(sys.argv[1], 'w').writestr('a.py', 'x = 1')", archive],
                   check=True)
    moto.aws("s3api", "create-bucket", "--bucket", "code", "--create-bucket-configuration",
             "LocationConstraint=eu-west-1")
    moto.aws("s3api", "put-object", "--bucket", "code", "--key", "fn.zip", "--body", archive)
    create = ("lambda create-function --function-name fn --runtime python3.11 --handler a.b "
              "--role arn:aws:iam::%s:role/fn --environment "
              "Variables={DB_PASSWORD=hunter2,MODE=test} " % ACCOUNT)
    refused(lambda: backend.write(create + "--zip-file fileb://" + archive),
            "LOCAL_FILE_REFUSED")
    backend.write(create + "--code S3Bucket=code,S3Key=fn.zip")
    assert moto.aws("lambda", "list-functions")["Functions"][0]["FunctionName"] == "fn"
    shown = backend.read("lambda get-function-configuration --function-name fn")
    # The model calls all of them sensitive.
    assert shown["result"]["Environment"]["Variables"] == "[redacted]"
    assert shown["redacted"] == ["Environment.Variables"]
    explained = backend.tool("explain_aws_command",
                             command="lambda invoke --function-name fn out.json")
    assert explained["command_class"] == "execute"


# Tricky cases.

def test_what_a_tool_refuses_has_its_reason(backend, moto):
    for command, reason in (
            ("s3api create-bucket --bucket no", "NOT_A_READ"),
            ("s3api list-buckets --endpoint-url http://127.0.0.1:9", "OPTION_REFUSED"),
            ("s3api list-buckets --end http://127.0.0.1:9", "COMMAND_INVALID"),
            ("s3api list-buckets --debug", "OPTION_REFUSED"),
            ("s3api list-buckets --no-sign-request", "OPTION_REFUSED"),
            ("s3api list-buckets | cat", "SHELL_SYNTAX"),
            ("s3api list-buckets; id", "SHELL_SYNTAX"),
            ("s3api list-bucket", "COMMAND_UNKNOWN"),
            ("configure list", "COMMAND_FORBIDDEN"),
            ("s3api list-buckets --query 'a['", "QUERY_INVALID")):
        refused(lambda command=command: backend.read(command), reason)
    assert "no" not in {b["Name"] for b in moto.aws("s3api", "list-buckets")["Buckets"]}
    assert "Buckets" in backend.read("s3api list-buckets")["result"]


def test_objects_come_to_a_folder_of_the_call_alone(backend, governed, moto):
    body = os.path.join(moto.folder, "body.txt")
    pathlib.Path(body).write_text("token=abcdefghijk and words", encoding="utf-8")
    moto.aws("s3api", "create-bucket", "--bucket", "data", "--create-bucket-configuration",
             "LocationConstraint=eu-west-1")
    moto.aws("s3api", "put-object", "--bucket", "data", "--key", "k", "--body", body)
    get = "s3api get-object --bucket data --key k %s"
    refused(lambda: backend.read(get % "out.txt"), "DATA_NOT_ALLOWED")
    refused(lambda: governed.read(get % "/tmp/out.txt"), "LOCAL_FILE_REFUSED")
    refused(lambda: governed.read(get % "../out.txt"), "LOCAL_FILE_REFUSED")
    got = governed.read(get % "out.txt")
    assert got["text"] == "out.txt:\ntoken=[redacted] and words"
    assert got["result"]["ContentLength"] == 27
    assert "and words" in governed.read("s3 cp s3://data/k -")["text"]


def test_a_query_is_answered_as_the_cli_answers_it(backend, moto):
    for number in range(3):
        moto.aws("sqs", "create-queue", "--queue-name", "q%d" % number)
    for command, query in (
            ("ec2 describe-regions", "Regions[?starts_with(RegionName, 'eu-')].RegionName"),
            ("ec2 describe-regions", "sort_by(Regions, &RegionName)[0:2].{n: RegionName}"),
            ("ec2 describe-regions", "length(Regions)"),
            ("ec2 describe-availability-zones", "AvailabilityZones[*].[ZoneName, State]"),
            ("sqs list-queues", "reverse(QueueUrls)[-1]"),
            ("ec2 describe-regions", "Regions[?contains(RegionName, 'west')] | [0].RegionName"),
            ("ec2 describe-regions", "max_by(Regions, &RegionName).RegionName"),
            ("ec2 describe-regions", "Regions[].RegionName | sort(@)[::5]")):
        ours = backend.read("%s --query '%s'" % (command, query.replace("'", "'\\''")))
        assert ours["result"] == moto.aws(*command.split(), "--query", query), query


def test_every_change_leaves_a_line_that_says_who_what_and_where(backend):
    backend.write("sqs create-queue --queue-name audited")
    line = backend.audit()[-1]
    text = json.dumps(line)
    assert "sqs create-queue --queue-name audited" in text and ACCOUNT in text
    assert "eu-west-1" in text and "arn:aws:sts::" in text and line["code"] == "OK"
    refused(lambda: backend.write("sqs delete-queue --queue-url http://x"), "CONFIRMATION_REQUIRED")
    assert backend.audit()[-1]["reason"] == "CONFIRMATION_REQUIRED"


@pytest.mark.skipif(not os.path.exists("/usr/bin/aws"), reason="Debian's awscli is not installed")
def test_version_2_of_the_cli_does_the_same(moto):
    with AwsBackend(moto, cli="/usr/bin/aws") as debian:
        assert debian.tool("get_aws_identity")["cli_version"].startswith("aws-cli/2.")
        debian.write("sqs create-queue --queue-name by-version-2")
        urls = moto.aws("sqs", "list-queues")["QueueUrls"]
        assert any(url.endswith("/by-version-2") for url in urls)
        assert debian.read("sqs list-queues --query 'length(QueueUrls)'")["result"] == len(urls)
        missing = refused(lambda: debian.read("iam get-user --user-name none"), "SERVICE_ERROR")
        assert missing["metadata"]["awsErrorCode"] == "NoSuchEntity"
        refused(lambda: debian.read("iam get-user --user-name"), "COMMAND_INVALID")
        assert "Reservations" in debian.read("ec2 describe-instances")["result"]


@pytest.mark.parametrize("cli", [None, "/usr/bin/aws"])
def test_a_trace_goes_to_aws_in_the_name_of_the_client(moto, cli):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with Overheard(moto) as before, AwsBackend(before, cli=cli) as running:
        running.client.request("tools/call", {
            "name": "execute_aws_write_command",
            "arguments": {"command": "sqs create-queue --queue-name traced"},
            "_meta": {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}})
        assert any(url.endswith("/traced") for url in moto.aws("sqs", "list-queues")["QueueUrls"])
        command = [agent for agent in before.agents if f"exec-env/howdah-trace-{trace}" in agent]
        assert command, before.agents
        # The audit line and the log of AWS meet in it.
        assert [line["trace_id"] for line in running.audit()] == [trace]


# Faults and load, with a CLI that can be told to misbehave.

WRAPPER = """#!/bin/sh
case "$HOWDAH_AWS_INDEX_OUT$1" in
  describe-*|ec2) case "$2" in
    describe-hosts) sleep 600 & echo $! > "{folder}/child"; echo $$ > "{folder}/parent"; wait;;
    describe-images) head -c 20000000 /dev/zero | tr '\\0' x; exit 0;;
    describe-tags) echo '{{"Tags":[]}}'; exit 0;;
    describe-subnets) echo "$$" >> "{folder}/running"; sleep 0.2
      echo '{{"Subnets":[]}}'; exit 0;;
  esac;;
esac
exec "{cli}" "$@"
"""


@pytest.fixture
def unruly_cli(moto):
    path = pathlib.Path(moto.folder) / "unruly-aws"
    path.write_text(WRAPPER.format(folder=moto.folder, cli=moto.cli), encoding="utf-8")
    path.chmod(0o755)
    for name in ("child", "parent", "running"):
        (pathlib.Path(moto.folder) / name).unlink(missing_ok=True)
    return str(path)


@pytest.fixture
def unruly(moto, unruly_cli):
    with AwsBackend(moto, cli=unruly_cli) as running:
        running.read("ec2 describe-tags")  # the index is there
        yield running


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        os.sched_yield()
    return False


def pids(moto):
    folder = pathlib.Path(moto.folder)
    assert eventually(lambda: (folder / "parent").exists() and
                      (folder / "parent").read_text().endswith("\n"))
    return [int((folder / name).read_text()) for name in ("child", "parent")]


def test_a_killed_backend_leaves_no_child_behind(unruly, moto):
    caller = subprocess.Popen([ROOT / ".howdah/bin/howdahctl", "--address",
                               "unix:" + unruly.socket, "aws", "execute-read-command",
                               "--command", "ec2 describe-hosts"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = pids(moto)
    assert all(alive(pid) for pid in running)
    unruly.process.kill()
    unruly.process.wait()
    caller.wait(60)
    assert eventually(lambda: not any(alive(pid) for pid in running))


def test_what_a_killed_backend_left_is_removed_by_the_next(unruly, moto):
    caller = call_that_hangs(unruly, "execute-read-command")
    pids(moto)
    left = list(pathlib.Path(unruly.folder).glob("howdah-aws-*"))
    assert len(left) == 1
    unruly.process.kill()
    unruly.process.wait()
    caller.communicate(timeout=60)
    assert left[0].exists()
    with AwsBackend(moto, temporary=unruly.folder) as other:
        assert not left[0].exists()
        other.read("s3api list-buckets")
        # A second one leaves alone what the first still uses.
        used = list(pathlib.Path(unruly.folder).glob("howdah-aws-*"))
        with AwsBackend(moto, temporary=unruly.folder):
            assert used[0].exists()


def call_that_hangs(backend, method, *more):
    return subprocess.Popen([ROOT / ".howdah/bin/howdahctl", "--address",
                             "unix:" + backend.socket, "aws", method,
                             "--command", "ec2 describe-hosts", *more],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("method, said", [
    ("execute-read-command", "was stopped; ask again, and another answers"),
    ("execute-write-command", "what it does may have happened")])
def test_sigterm_ends_a_command_and_tells_its_caller(moto, unruly_cli, method, said):
    with AwsBackend(moto, "--drain-timeout", "6", cli=unruly_cli) as ending:
        ending.read("ec2 describe-tags")  # the index is there
        caller = call_that_hangs(ending, method)
        running = pids(moto)
        ending.process.terminate()
        out, _ = caller.communicate(timeout=60)
        assert caller.returncode != 0 and "This server ends" in out and said in out, out
        assert ending.process.wait(60) == 0
        assert not any(alive(pid) for pid in running)
        assert not list(pathlib.Path(ending.folder).glob("howdah-aws-*"))


def test_a_caller_that_goes_takes_its_command_along(unruly, moto):
    caller = subprocess.Popen([ROOT / ".howdah/bin/howdahctl", "--address",
                               "unix:" + unruly.socket, "aws", "execute-read-command",
                               "--command", "ec2 describe-hosts"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = pids(moto)
    caller.kill()
    caller.wait()
    assert eventually(lambda: not any(alive(pid) for pid in running))
    assert unruly.read("ec2 describe-tags")["result"] == {"Tags": []}


def test_a_deadline_ends_a_command_with_its_children(unruly, moto):
    done = subprocess.run(
        [peers.go_install(GRPCURL), "-plaintext", "-max-time", "10", "-d",
         json.dumps({"command": "ec2 describe-hosts"}), unruly.address,
         "howdah.aws.v1.AwsService/ExecuteReadCommand"],
        capture_output=True, text=True, check=False)
    assert "DeadlineExceeded" in done.stderr
    assert eventually(lambda: not any(alive(pid) for pid in pids(moto)))


def test_a_huge_output_is_cut_and_said_to_be(unruly):
    shown = unruly.read("ec2 describe-images")
    assert shown["truncated"] and "of 20000000 bytes" in shown["summary"]
    assert len(shown["text"]) <= 512 << 10


def memory_mib(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) // 1024
    return 0


def test_a_hundred_calls_at_once_stay_inside_their_bounds(unruly, moto):
    before = memory_mib(unruly.process.pid)
    most = 0
    waiting = {unruly.client.start("tools/call", {
        "name": "execute_aws_read_command", "arguments": {"command": "ec2 describe-subnets"}})
        for _ in range(100)}
    while waiting:
        answer = unruly.client.receive(timeout=120)
        waiting.remove(answer["id"])
        assert answer["result"]["structuredContent"]["result"] == {"Subnets": []}
        most = max(most, len(unruly.children()))
    ran = (pathlib.Path(moto.folder) / "running").read_text().split()
    assert len(ran) == 100
    print("most processes at once: %d, memory of the backend: %d MiB, before %d MiB"
          % (most, memory_mib(unruly.process.pid), before))
    assert most <= 8
    assert memory_mib(unruly.process.pid) - before < 32


def test_more_than_may_wait_is_refused_at_once(moto, unruly_cli):
    with AwsBackend(moto, "--aws-processes", "1", "--aws-queue", "0", cli=unruly_cli) as small:
        small.read("ec2 describe-tags")
        caller = subprocess.Popen([ROOT / ".howdah/bin/howdahctl", "--address",
                                   "unix:" + small.socket, "aws", "execute-read-command",
                                   "--command", "ec2 describe-hosts"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pids(moto)
        error = refused(lambda: small.read("ec2 describe-tags"), "AWS_BUSY")
        assert error["code"] == "RESOURCE_EXHAUSTED"
        caller.kill()
        caller.wait()
        assert eventually(lambda: not small.children() or
                          not any(alive(pid) for pid in pids(moto)))
        assert small.read("ec2 describe-tags")["result"] == {"Tags": []}
