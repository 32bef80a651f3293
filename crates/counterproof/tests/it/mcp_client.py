"""The official client of the Model Context Protocol against `counterproof mcp`; each scenario says by its exit code whether it holds.

Arguments: the scenario, the binary, the repository, and a text that the command line or the environment of all that the server runs has.
"""

import os
import pathlib
import select
import sys

import anyio
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters

SCENARIO, BINARY, REPOSITORY, MARK = sys.argv[1:5]
TOOLS = [
    "check_change", "explain_finding", "reproduce", "keep", "gate_status", "declare_intent", "judge_action",
]


def client(mode):
    names = ("COUNTERPROOF_CACHE", "COUNTERPROOF_KEYS", "COUNTERPROOF_STATE", "PATH", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    server = StdioServerParameters(command=BINARY, args=["mcp"], cwd=REPOSITORY, env=environment)
    return Client(server, mode=mode)


def running():
    """Processes of the server, itself and this one left out."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            own = b" ".join(words) + (folder / "environ").read_bytes()
            handle = os.pidfd_open(int(folder.name))
        except OSError:
            continue
        # Who asks for the processes is no part of them.
        if MARK.encode() in own and words[1:2] != [b"mcp"] and b"mcp_client" not in own:
            found[handle] = words
        else:
            os.close(handle)
    return found


def all_end():
    """Waits for the end of each, by the system's word."""
    while found := running():
        for handle, words in found.items():
            ready, _, _ = select.select([handle], [], [], 60)
            assert ready, f"still there: {words}"
            os.close(handle)


async def call(session, name, **arguments):
    result = await session.call_tool(name, arguments)
    text = result.content[0].text
    assert not result.is_error, text
    return result.structured_content, text


async def refused(session, name, **arguments):
    result = await session.call_tool(name, arguments)
    assert result.is_error, result
    return result.content[0].text


async def tools(mode):
    async with client(mode) as session:
        assert session.server_info.name == "counterproof"
        assert "for people" in session.instructions
        listed = (await session.list_tools()).tools
        assert [tool.name for tool in listed] == TOOLS
        for tool in listed:
            hints = tool.annotations
            assert hints.destructive_hint is False and tool.output_schema["type"] == "object"
            assert hints.read_only_hint == (tool.name not in ("keep", "declare_intent"))
            assert hints.open_world_hint == (tool.name == "gate_status")

        heard = []

        async def hear(progress, total, message):
            heard.append((progress, total, message))

        result = await session.call_tool("check_change", {}, progress_callback=hear)
        checked = result.structured_content
        assert checked["outcome"] == "findings" and not result.is_error, checked
        assert len(heard) > 1 and all(a[0] < b[0] for a, b in zip(heard, heard[1:])), heard
        assert any("import" in message for _, _, message in heard), heard
        found = next(one for one in checked["findings"] if one["kind"] == "changed")
        id = found["id"]
        assert found["function"] == "days" and found["was"] != found["now"], found
        assert id in result.content[0].text

        explained, text = await call(session, "explain_finding", finding=id)
        assert explained["story"] == text and "days" in text
        reproduced, text = await call(session, "reproduce", finding=id)
        assert reproduced["differs"] is True and "differ" in text
        script, _ = await call(session, "reproduce", finding=id, as_script=True)
        compile(script["text"], "script", "exec")
        assert "differs" not in script

        declared, text = await call(session, "declare_intent", changes=[{"name": "cart.days", "says": "express takes two"}])
        assert declared["trailers"] == ["Behavior-Change: cart.days: express takes two"]
        again, _ = await call(session, "check_change")
        assert again["outcome"] == "findings"
        assert "express takes two" in next(one for one in again["findings"] if one["id"] == id)["declared"]
        await call(session, "declare_intent", nothing_changes=True)
        again, text = await call(session, "check_change")
        assert again["outcome"] == "findings" and "against its word" in text

        kept, text = await call(session, "keep", finding=id)
        assert kept["kept"] and f"_{id} in " in text, text
        kept, text = await call(session, "keep", finding=id)
        assert kept["kept"] and "already" in text, text
        [file] = pathlib.Path(REPOSITORY).rglob("test_kept.py")
        assert file.read_text().count(id) == 1

        gate, text = await call(session, "gate_status")
        assert gate["ruling"] in ("block", "hold") and gate["against"], gate
        assert not (pathlib.Path(REPOSITORY) / ".counterproof/ledger").exists()
        judged, _ = await call(session, "judge_action", action={"command": "git reset --hard"}, cwd="tests")
        assert judged["decision"] == "ask" and judged["effects"], judged
        judged, _ = await call(session, "judge_action", command="ls")
        assert judged == {"decision": "allow", "reason": "", "effects": [], "left_out": 0}
        judged, _ = await call(session, "judge_action", action={"query": "DROP TABLE users", "server": "prod-db"})
        assert judged["decision"] in ("ask", "deny"), judged
        judged, _ = await call(session, "judge_action", action={"edit": {"path": "counterproof.toml", "after": ""}})
        assert judged["decision"] == "ask", judged
        plan = '{"terraform_version": "1.9", "resource_changes": [{"address": "aws_db_instance.main", "type": "aws_db_instance", "change": {"actions": ["delete"]}}]}'
        judged, _ = await call(session, "judge_action", action={"plan": plan})
        assert judged["decision"] in ("ask", "deny"), judged
        state = pathlib.Path(os.environ["COUNTERPROOF_STATE"])
        assert not state.exists(), list(state.rglob("*"))

        for id in ("--no-sandbox", "-h", "", "zzzz", "00000000"):
            for tool in ("explain_finding", "reproduce", "keep"):
                assert "finding" in await refused(session, tool, finding=id), (tool, id)
        for change in ({"range": "--install..HEAD"}, {"base": "-x"}, {"paths": ["--no-sandbox"]}, {"folder": "/"}, {"base": "missing"}):
            await refused(session, "check_change", **change)
        assert "bytes" in await refused(session, "judge_action", command="x" * (10 << 20))
        try:
            await session.call_tool("accept", {"finding": id})
            raise AssertionError("there is no such tool")
        except MCPError as error:
            assert "check_change" in str(error), error
    all_end()


async def cancelled():
    async with client("auto") as session:
        for _ in range(2):
            with anyio.CancelScope() as scope:

                async def hear(progress, total, message):
                    if "import" in message:
                        assert running(), "nothing runs"
                        scope.cancel()

                await session.call_tool("check_change", {}, progress_callback=hear)
            assert scope.cancelled_caught
            await anyio.to_thread.run_sync(all_end)
        # The server goes on.
        judged, _ = await call(session, "judge_action", command="ls")
        assert judged["decision"] == "allow"


async def side_by_side():
    async with client("auto") as session:
        results = {}

        async def one(name, paths):
            results[name] = await call(session, "check_change", paths=paths)

        async with anyio.create_task_group() as group:
            for number in range(4):
                group.start_soon(one, number, [["a.py"], ["b.py"]][number % 2])
        for number, (checked, _) in results.items():
            [found] = {one["function"] for one in checked["findings"]}
            assert found == "fg"[number % 2], results
        ids = [results[number][0]["findings"][0]["id"] for number in range(4)]
        assert ids[0] == ids[2] and ids[1] == ids[3], ids

        async def keep(id):
            kept, text = await call(session, "keep", finding=id)
            assert kept["kept"], text

        async with anyio.create_task_group() as group:
            for id in ids:
                group.start_soon(keep, id)
        [file] = pathlib.Path(REPOSITORY).rglob("test_kept.py")
        text = file.read_text()
        assert all(text.count(id) == 1 for id in ids), text


anyio.run({
    "initialized": lambda: tools("legacy"),
    "stateless": lambda: tools("auto"),
    "cancelled": cancelled,
    "side-by-side": side_by_side,
}[SCENARIO])
