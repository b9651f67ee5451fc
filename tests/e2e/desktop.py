#!/usr/bin/python3
"""A desktop for tests: owns org.freedesktop.Notifications and, when told, org.kde.StatusNotifierWatcher.

One line of JSON in, one line of JSON out, with the same "n":
  {"n":1,"do":"notifications"}                 every Notify so far: id, app, summary, body, actions
  {"n":1,"do":"closed"}                        the numbers of those that were taken back
  {"n":1,"do":"badge"}                         the last number on the program's icon: {"entry", "count", "visible"}, or null
  {"n":1,"do":"click","id":3,"action":"default"}   emits ActionInvoked
  {"n":1,"do":"tray","on":true}                owns the watcher's name, or gives it up
  {"n":1,"do":"menu"}                          the tray icons' titles and menus
  {"n":1,"do":"menu-click","label":"Quit"}     clicks a menu entry
Needs python3-gi only.
"""
import json
import sys
import threading

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""

WATCHER = """<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
</interface></node>"""

bus = Gio.bus_get_sync(Gio.BusType.SESSION)
notifications: list[dict] = []
closed: list[int] = []
badge: dict = {}
items: list[tuple[str, str]] = []
watcher = {"name": 0}


def on_notifications(_connection, _sender, _path, _interface, method, arguments, invocation):
    if method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["actions", "body", "body-markup"],)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test desktop", "clientele", "1", "1.2")))
    elif method == "Notify":
        app, replaces, icon, summary, body, actions, _hints, _expires = arguments.unpack()
        number = replaces or len(notifications) + 1
        notifications.append({"id": number, "app": app, "icon": icon, "summary": summary, "body": body, "actions": actions})
        invocation.return_value(GLib.Variant("(u)", (number,)))
    elif method == "CloseNotification":
        (number,) = arguments.unpack()
        closed.append(number)
        invocation.return_value(None)
        bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "NotificationClosed",
                        GLib.Variant("(uu)", (number, 3)))
    else:
        invocation.return_value(None)


def on_badge(_connection, _sender, _path, _interface, _signal, arguments):
    entry, properties = arguments.unpack()
    badge.update(entry=entry, count=properties.get("count"), visible=properties.get("count-visible"))


def on_watcher(_connection, sender, _path, _interface, method, arguments, invocation):
    if method == "RegisterStatusNotifierItem":
        (service,) = arguments.unpack()
        # Ayatana gives an object path, KDE's a bus name.
        items.append((sender, service) if service.startswith("/") else (service, "/StatusNotifierItem"))
    invocation.return_value(None)


def on_watcher_get(_connection, _sender, _path, _interface, name):
    values = {
        "RegisteredStatusNotifierItems": GLib.Variant("as", [owner + path for owner, path in items]),
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
    }
    return values[name]


def ask(owner, path, interface, method, arguments, answer):
    answer = GLib.VariantType(answer) if answer else None
    return bus.call_sync(owner, path, interface, method, arguments, answer, Gio.DBusCallFlags.NONE, 5000, None)


def read(owner, path, name):
    try:
        found = ask(owner, path, "org.freedesktop.DBus.Properties", "Get",
                    GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", name)), "(v)")
        return found.unpack()[0]
    except GLib.Error:
        return None


def entries(owner, path):
    """The menu's entries: number, label, enabled."""
    menu = read(owner, path, "Menu")
    if not menu:
        return menu, []
    ask(owner, menu, "com.canonical.dbusmenu", "AboutToShow", GLib.Variant("(i)", (0,)), None)
    layout = ask(owner, menu, "com.canonical.dbusmenu", "GetLayout", GLib.Variant("(iias)", (0, -1, [])), "(u(ia{sv}av))")
    _revision, (_root, _properties, children) = layout.unpack()
    return menu, [
        {"number": number, "label": properties.get("label", "").replace("_", ""), "enabled": properties.get("enabled", True)}
        for number, properties, _children in children
    ]


def alive():
    """The icons whose programs still run."""
    found = []
    for owner, path in items:
        if read(owner, path, "Id") is not None:
            found.append((owner, path))
    return found


def menus():
    return [
        {
            "id": read(owner, path, "Id"),
            "title": read(owner, path, "Title"),
            "label": read(owner, path, "XAyatanaLabel"),
            "icon": read(owner, path, "IconName"),
            "entries": entries(owner, path)[1],
        }
        for owner, path in alive()
    ]


def click(label):
    for owner, path in alive():
        menu, found = entries(owner, path)
        for entry in found:
            if entry["label"] == label:
                ask(owner, menu, "com.canonical.dbusmenu", "Event",
                    GLib.Variant("(isvu)", (entry["number"], "clicked", GLib.Variant("i", 0), 0)), None)
                return True
    return False


def tray(on):
    if on and not watcher["name"]:
        watcher["name"] = Gio.bus_own_name_on_connection(bus, "org.kde.StatusNotifierWatcher", Gio.BusNameOwnerFlags.NONE, None, None)
    elif not on and watcher["name"]:
        Gio.bus_unown_name(watcher["name"])
        watcher["name"] = 0
        items.clear()


def answer(order):
    what = order["do"]
    if what == "notifications":
        return notifications
    if what == "closed":
        return closed
    if what == "badge":
        return badge or None
    if what == "click":
        return bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked",
                               GLib.Variant("(us)", (order["id"], order["action"])))
    if what == "tray":
        return tray(order["on"])
    if what == "menu":
        return menus()
    if what == "menu-click":
        return click(order["label"])
    raise ValueError(what)


def handle(line):
    order = json.loads(line)
    try:
        said = {"n": order["n"], "value": answer(order)}
    except Exception as error:  # The test hears of it and fails.
        said = {"n": order["n"], "error": str(error)}
    print(json.dumps(said), flush=True)
    return False


def listen():
    for line in sys.stdin:
        GLib.idle_add(handle, line)
    GLib.idle_add(loop.quit)


def export(xml, path, method, get=None):
    interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
    bus.register_object(path, interface, method, get, None)


loop = GLib.MainLoop()
export(NOTIFICATIONS, "/org/freedesktop/Notifications", on_notifications)
bus.signal_subscribe(None, "com.canonical.Unity.LauncherEntry", "Update", None, None, Gio.DBusSignalFlags.NONE, on_badge)
export(WATCHER, "/StatusNotifierWatcher", on_watcher, on_watcher_get)
Gio.bus_own_name_on_connection(
    bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE,
    lambda *_: print(json.dumps({"n": 0, "value": "ready"}), flush=True), None)
threading.Thread(target=listen, daemon=True).start()
loop.run()
