"""What an independent client (Debian's python3-proxmoxer) sees of the simulator.

usage: proxmoxer_check.py ENDPOINT CA_FILE READ_TOKEN WRITE_TOKEN ADMIN_TOKEN
Ends with 0 and the line "ok N" after N checks, or with the first that fails.
"""

import sys
import time
from urllib.parse import urlparse

from proxmoxer import ProxmoxAPI
from proxmoxer.core import ResourceException

checks = 0


def check(what, holds):
    global checks
    if not holds:
        sys.exit(f"failed: {what}")
    checks += 1


def client(endpoint, ca, token):
    identity, secret = token.split("=", 1)
    user, name = identity.split("!", 1)
    url = urlparse(endpoint)
    return ProxmoxAPI(url.hostname, port=url.port, user=user, token_name=name, token_value=secret, verify_ssl=ca)


def refused(call):
    try:
        call()
    except ResourceException as error:
        return error
    sys.exit("failed: a call that should be refused was not")


def finished(pve, upid):
    for _ in range(50):
        status = pve.nodes("pve1").tasks(upid).status.get()
        if status["status"] == "stopped":
            return status["exitstatus"]
        time.sleep(0.05)
    sys.exit(f"failed: {upid} does not end")


def reads(pve):
    check("version", pve.version.get()["release"].startswith("9"))
    guests = pve.cluster.resources.get(type="vm")
    check("five guests", sorted(guest["vmid"] for guest in guests) == [200, 201, 202, 203, 204])
    check("node", pve.nodes.get()[0]["node"] == "pve1")
    check("node memory", pve.nodes("pve1").status.get()["memory"]["total"] == 24 * 2**30)
    current = pve.nodes("pve1").lxc(200).status.current.get()
    check("short of memory", current["mem"] / current["maxmem"] > 0.95 and current["swap"] == 500 * 2**20)
    check("pressure is text", isinstance(current["pressurememoryfull"], str))
    check("pressure", 30 < float(current["pressurememoryfull"]) < 32)
    month = pve.nodes("pve1").lxc(200).rrddata.get(timeframe="month", cf="MAX")
    check("history", len([point for point in month if "mem" in point]) == 672)
    check("interfaces", pve.nodes("pve1").lxc(200).interfaces.get()[1]["inet"] == "192.168.1.20/24")
    check("agent", "result" in pve.nodes("pve1").qemu(203).agent("network-get-interfaces").get())
    check("storage", {store["storage"] for store in pve.nodes("pve1").storage.get()} == {"local", "local-lvm"})
    check("permissions", pve.access.permissions.get()["/vms"]["VM.Audit"] == 1)


def changes(pve):
    guest = pve.nodes("pve1").lxc(200)
    config = guest.config.get()
    check("a write answers null", guest.config.put(memory=3072, digest=config["digest"]) is None)
    check("it is live", guest.config.get(current=1)["memory"] == 3072)
    check("pressure falls", float(guest.status.current.get()["pressurememoryfull"]) < 1)
    stale = refused(lambda: guest.config.put(memory=4096, digest=config["digest"]))
    check("an old digest is 500", stale.status_code == 500 and "detected modified configuration" in str(stale))
    wrong = refused(lambda: guest.config.put(memory="lots"))
    check("a wrong value is 400", wrong.status_code == 400 and "Parameter verification failed" in str(wrong))
    upid = guest.snapshot.post(snapname="before", description="check")
    check("a snapshot is a task", finished(pve, upid) == "OK")
    check("it is listed", "before" in [snapshot["name"] for snapshot in guest.snapshot.get()])
    check("a reboot is a task", finished(pve, guest.status.reboot.post(timeout=30)) == "OK")
    check("a log ends with the outcome", pve.nodes("pve1").tasks(upid).log.get()[-1]["t"] == "TASK OK")
    machine = pve.nodes("pve1").qemu(203)
    machine.config.put(memory=6144)
    check("a VM's memory waits", {"key": "memory", "value": "4096", "pending": "6144"} in machine.pending.get())


def creates(pve):
    vmid = pve.cluster.nextid.get()
    options = {"ostemplate": "local:vztmpl/debian-13.tar.zst", "hostname": "new", "rootfs": "local-lvm:8"}
    check("a container is created", finished(pve, pve.nodes("pve1").lxc.post(vmid=vmid, **options)) == "OK")
    check("and destroyed", finished(pve, pve.nodes("pve1").lxc(vmid).delete()) == "OK")


def main(endpoint, ca, read, write, admin):
    reader = client(endpoint, ca, read)
    reads(reader)
    forbidden = refused(lambda: reader.nodes("pve1").lxc(200).config.put(memory=3072))
    check("reading is not writing", forbidden.status_code == 403 and "VM.Config.Memory" in str(forbidden))
    stranger = client(endpoint, ca, read[:-4] + "0000")
    check("a wrong secret is 401", refused(lambda: stranger.version.get()).status_code == 401)
    unknown = refused(lambda: reader.nodes("pve1").lxc(200).exec.post(command="ls"))
    check("there is no exec", unknown.status_code == 501)
    changes(client(endpoint, ca, write))
    creates(client(endpoint, ca, admin))
    print(f"ok {checks}")


main(*sys.argv[1:])
