# What a run of ansible-playbook does, as one line of JSON for each event: for src/ansible/events.ts. ansible-core has no
# machine-readable output of its own. Written to the file that GITMEND_ANSIBLE_EVENTS names; nothing goes to the terminal.
# ansible-core 2.14 to 2.19 have what is used here (plugins/callback, executor/task_result).
from __future__ import annotations

DOCUMENTATION = """
name: gitmend_events
type: stdout
short_description: events of a run as lines of JSON
description: Writes what a run does into the file that GITMEND_ANSIBLE_EVENTS names.
"""

import difflib
import importlib
import json
import os

from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

# Characters of one text, and of one side of a difference. What is longer is cut, and says so.
LONGEST = 100_000


def cut(value):
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n(cut)"


def side(value):
    # Modules show a text, or the state as a map.
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str, indent=1, sort_keys=True) + "\n"


def difference(one):
    before, after = side(one["before"]), side(one["after"])
    if max(len(before), len(after)) > LONGEST:
        return {"unshown": "large"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    header = one.get("before_header")
    return {"name": header if isinstance(header, str) else "", "lines": list(lines)[2:]}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "gitmend_events"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._play = ""
        self._handlers = set()
        # 0600, and no link: the folder is gitmend's own.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        self._out = os.open(os.environ["GITMEND_ANSIBLE_EVENTS"], flags, 0o600)

    def _write(self, event, **fields):
        line = json.dumps({"event": event, **fields}, default=str, sort_keys=True)
        data = line.encode("utf-8", "replace") + b"\n"
        while data:
            data = data[os.write(self._out, data):]

    # The frame of the run.

    def v2_playbook_on_start(self, playbook):
        self._write("start", core=__version__, collections=self._collections())

    def _collections(self):
        named = os.environ.get("GITMEND_ANSIBLE_COLLECTIONS", "").split(",")
        return {name: self._collection(name) for name in named if name}

    @staticmethod
    def _collection(name):
        try:
            paths = importlib.import_module("ansible_collections." + name).__path__
        except ImportError:
            return None
        for path in list(paths):
            try:
                with open(os.path.join(path, "MANIFEST.json"), encoding="utf-8") as file:
                    manifest = json.load(file)
                return {
                    "version": manifest["collection_info"]["version"],
                    "files": manifest["file_manifest_file"]["chksum_sha256"],
                }
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return {"version": "unknown", "files": "unknown"}

    def v2_playbook_on_play_start(self, play):
        self._play = play.get_name().strip()
        manager = play.get_variable_manager()
        inventory = manager._inventory
        hosts = []
        for host in inventory.get_hosts(play.hosts):
            own = manager.get_vars(play=play, host=host, include_hostvars=False)
            hosts.append(
                {
                    "name": host.get_name(),
                    "groups": sorted(group.name for group in host.get_groups()),
                    "address": str(own.get("ansible_host", host.get_name())),
                    "port": str(own.get("ansible_port", "")),
                    "user": str(own.get("ansible_user", "")),
                }
            )
        self._write("play", play=self._play, hosts=hosts)

    def v2_playbook_on_no_hosts_matched(self):
        self._write("no-hosts", play=self._play)

    def v2_playbook_on_handler_task_start(self, task):
        self._handlers.add(task._uuid)

    def v2_playbook_on_stats(self, stats):
        self._write("end", hosts={host: stats.summarize(host) for host in sorted(stats.processed)})

    # What happened to one task on one host, or to one item of its loop. Ansible has taken out what `no_log` covers.

    def _result(self, status, result, item=False, ignored=False):
        task, values = result._task, result._result
        hidden = bool(task.no_log) if isinstance(task.no_log, bool) else True
        hidden = hidden or "censored" in values or bool(values.get("_ansible_no_log"))
        self._write(
            "result",
            status=status,
            play=self._play,
            host=result._host.get_name(),
            task=task.get_name().strip(),
            path=str(task.get_path() or ""),
            module=str(task.resolved_action or task.action),
            handler=task._uuid in self._handlers,
            changed=bool(values.get("changed", False)),
            loop=bool(task.loop) and not item,
            item=self._item(values) if item and not hidden else None,
            isItem=item,
            hidden=hidden,
            ignored=bool(ignored),
            condition=str(values.get("skip_reason", values.get("skipped_reason", ""))),
            target="" if hidden else self._target(result),
            message="" if hidden else cut(self._message(values)),
            diff=[] if hidden else self._diffs(values.get("diff")),
        )

    def _item(self, values):
        label = values.get("_ansible_item_label", values.get("item", values.get("_ansible_loop_var", "")))
        return cut(label)

    @staticmethod
    def _target(result):
        # What was changed: as its module says, or as it was told. Modules say nothing of a file that is not there yet.
        args = result._task_fields.get("args")
        for source in (result._result, args if isinstance(args, dict) else {}):
            for name in ("dest", "path"):
                if isinstance(source.get(name), str):
                    return source[name]
        return ""

    @staticmethod
    def _message(values):
        parts = [values.get(name) for name in ("msg", "module_stderr", "stderr", "reason")]
        return "\n".join(part if isinstance(part, str) else json.dumps(part, default=str) for part in parts if part)

    @staticmethod
    def _diffs(diff):
        found = diff if isinstance(diff, list) else [diff]
        shown = []
        for one in found:
            if not isinstance(one, dict):
                continue
            if "before" in one and "after" in one:
                shown.append(difference(one))
            for mark, why in (("binary", "binary"), ("larger", "large")):
                if "src_" + mark in one or "dst_" + mark in one:
                    shown.append({"unshown": why})
            if "prepared" in one:
                shown.append({"name": "", "lines": cut(str(one["prepared"])).splitlines()})
        return shown

    def v2_runner_on_ok(self, result):
        self._result("ok", result)

    def v2_runner_on_skipped(self, result):
        self._result("skipped", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result("failed", result, ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result):
        self._result("unreachable", result)

    def v2_runner_item_on_ok(self, result):
        self._result("ok", result, item=True)

    def v2_runner_item_on_skipped(self, result):
        self._result("skipped", result, item=True)

    def v2_runner_item_on_failed(self, result):
        self._result("failed", result, item=True)
