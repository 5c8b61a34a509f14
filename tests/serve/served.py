"""The lab that the tests of the web page use."""

from datetime import timedelta

SECRET = "marker-secret-90210"
SERVERS = {"hq": ("dhcp1", "dhcp2"), "branch": ("dhcp3", "dhcp4"), "store": ("s1", "s2")}


def add_pairs(lab):
    """Add three pairs: one whose copies differ, one that is cut, one with a server that is off."""
    lab.add_pair(
        "hq-branch",
        primary="dhcp1",
        secondary="dhcp2",
        scopes=["10.0.0.0/24", "10.0.1.0/24"],
        percentage=60,
        shared_secret=SECRET,
    )
    lab.add_pair("branch", primary="dhcp3", secondary="dhcp4", scopes=["10.5.0.0/24"])
    lab.add_pair("store", primary="s1", secondary="s2", scopes=["10.7.0.0/24"])
    lab.add_scope("10.0.2.0/24", servers=["dhcp1"])
    lab.connect("dhcp2").set_relationship("hq-branch", percentage=55)
    lab.connect("dhcp2").set_scope("10.0.1.0", name="Branch 1")
    lab.connect("dhcp1").add_exclusion("10.0.1.0", "10.0.1.10", "10.0.1.20")
    lab.cut("dhcp3", "dhcp4")
    lab.power_off("s2")
    lab.advance(timedelta(minutes=5))
