//  app.js - sign in, list the devices, keep their values live
//
//  State is one object; `render` makes the page say what it says, and is called after every change, at most once a frame.
//  The access token is held in memory alone: a reload signs out. The live link is a WebSocket with a single-use ticket,
//  renewed at each attempt; while it is down the page says so, keeps what it showed and tries again, later each time. The
//  list is read whenever events may have been missed: once a connection is open, and when the gateway tells of a gap. So
//  nothing falls between snapshot and changes; what comes twice is known by its time.

const STALE_MS = 30_000;
const SAMPLES = 60;
const PAGE = 50;
const PAGES = 10;           //  Read again at most; those behind them have their live values
const BACKOFF_MS = { first: 500, most: 30_000 };
const TOPICS = "iot.telemetry.>";

const element = (id) => document.getElementById(id);

const state = {
    token: null,
    signInError: "",
    signingIn: false,
    loading: false,
    wanted: false,          //  Asked to load while loading: what is on its way may be too old
    failure: "",
    next: null,
    devices: new Map(),     //  name -> { device, lastSeen, values: Map of metric -> { value, at, samples } }
    link: "off",            //  off, connecting, live, lost, offline
};

//  ---- asking the gateway

class Problem extends Error {
    constructor (status, message) {
        super (message);
        this.status = status;
    }
}

async function request (method, path, body) {
    const headers = { accept: "application/json" };
    if (state.token)
        headers.authorization = `Bearer ${state.token}`;
    if (body !== undefined)
        headers ["content-type"] = "application/json";
    let response;
    try {
        response = await fetch (path, {
            method, headers, body: body === undefined ? undefined : JSON.stringify (body),
            cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout (15_000),
        });
    }
    catch (error) {
        throw new Problem (0, error.name === "TimeoutError" ? "The server does not answer." : "The server cannot be reached.");
    }
    const content = await response.json ().catch (() => null);
    if (!response.ok)
        throw new Problem (response.status, content?.detail || content?.title || `The server answered ${response.status}.`);
    return content;
}

//  ---- signing in and out

async function signIn (event) {
    event.preventDefault ();
    if (state.signingIn)
        return;
    Object.assign (state, { signingIn: true, signInError: "" });
    render ();
    try {
        const answer = await request ("POST", "/api/auth/login", {
            username: element ("username").value, password: element ("password").value,
        });
        state.token = answer.access_token;
        element ("password").value = "";
        Object.assign (state, { failure: "", next: null });
        load (false);
        live.start ();
    }
    catch (error) {
        state.signInError = error.status === 401 ? "User or password is wrong." : error.message;
    }
    state.signingIn = false;
    draw ();                //  At once: what is hidden takes no focus
    (state.token ? element ("main") : element ("password")).focus ();
}

function signOut (why) {
    live.stop ();
    state.devices.clear ();
    Object.assign (state, { token: null, signInError: why, link: "off", failure: "", loading: false, wanted: false, next: null });
    element ("devices").replaceChildren ();
    draw ();
    element ("username").focus ();
}

//  A token that ended ends the session; anything else is the caller's to show.
function endedSession (error) {
    if (error.status !== 401 || !state.token)
        return false;
    signOut ("Your session has ended. Please sign in again.");
    return true;
}

//  ---- the list

//  `more`: the page after those that are shown; else from the beginning, as often as pages were shown before.
async function load (more) {
    if (state.loading) {
        state.wanted ||= !more;
        return;
    }
    const token = state.token;
    Object.assign (state, { loading: true, failure: "" });
    render ();
    try {
        const wanted = more ? 1 : Math.min (Math.max (1, Math.ceil (state.devices.size / PAGE)), PAGES);
        let cursor = more ? state.next : null;
        for (let page = 0; page < wanted; page++) {
            const query = new URLSearchParams ({ limit: PAGE });
            if (cursor)
                query.set ("cursor", cursor);
            const answer = await request ("GET", `/api/devices?${query}`);
            if (state.token !== token)
                return;
            answer.items.forEach (takeDevice);
            cursor = answer.next;
            if (!cursor)
                break;
        }
        state.next = cursor;
    }
    catch (error) {
        if (state.token === token && !endedSession (error))
            state.failure = error.message;
    }
    finally {
        if (state.token === token) {
            state.loading = false;
            render ();
            if (state.wanted) {
                state.wanted = false;
                load (false);
            }
        }
    }
}

function findDevice (name) {
    let device = state.devices.get (name);
    if (!device) {
        device = { device: name, lastSeen: 0, values: new Map () };
        state.devices.set (name, device);
    }
    return device;
}

function takeValue (device, metric, value, at) {
    let known = device.values.get (metric);
    if (!known)
        device.values.set (metric, known = { value, at: -Infinity, samples: [] });
    if (at <= known.at)
        return;             //  Out of order, or what the snapshot had already
    Object.assign (known, { value, at });
    known.samples.push (value);
    if (known.samples.length > SAMPLES)
        known.samples.shift ();
}

function takeDevice (item) {
    const device = findDevice (item.device);
    device.lastSeen = Math.max (device.lastSeen, Date.parse (item.last_seen_at));
    for (const [metric, { value, measured_at }] of Object.entries (item.values))
        takeValue (device, metric, value, Date.parse (measured_at));
}

function takeEvent (event) {
    const device = findDevice (event.device);
    device.lastSeen = Math.max (device.lastSeen, Date.parse (event.received_at));
    for (const [metric, value] of Object.entries (event.metrics))
        takeValue (device, metric, value, Date.parse (event.measured_at));
}

//  ---- the live link

const live = {
    socket: null,
    timer: 0,
    attempts: 0,
    run: 0,                 //  An answer that belongs to an attempt given up is not acted upon

    start () {
        this.attempts = 0;
        this.connect ();
    },

    stop () {
        this.run++;
        clearTimeout (this.timer);
        this.socket?.close ();
        this.socket = null;
    },

    async connect () {
        this.stop ();
        const run = this.run;
        state.link = "connecting";
        render ();
        try {
            const { ticket } = await request ("POST", "/api/auth/ticket", {});
            if (run === this.run)
                this.open (ticket, run);
        }
        catch (error) {
            if (run === this.run && !endedSession (error))
                this.retry ();
        }
    },

    open (ticket, run) {
        const url = new URL ("/ws/events", location.href);
        url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
        url.searchParams.set ("topics", TOPICS);
        const socket = new WebSocket (url, ["zooid.v1", `ticket.${ticket}`]);
        this.socket = socket;
        socket.onopen = () => {
            if (run !== this.run)
                return;
            this.attempts = 0;
            state.link = "live";
            render ();
            load (false);
        };
        socket.onmessage = (message) => run === this.run && this.take (message.data);
        socket.onclose = () => run === this.run && this.retry ();
    },

    take (text) {
        let frame;
        try {
            frame = JSON.parse (text);
        }
        catch {
            return;
        }
        if (frame.gap)
            load (false);
        if (typeof frame.topic === "string" && frame.topic.startsWith ("iot.telemetry.") && frame.event?.metrics) {
            takeEvent (frame.event);
            render ();
        }
    },

    //  Twice as long each time, and half of it by chance, so that pages do not come back all at once.
    retry () {
        this.stop ();
        const longest = Math.min (BACKOFF_MS.first * 2 ** this.attempts++, BACKOFF_MS.most);
        state.link = navigator.onLine ? "lost" : "offline";
        if (navigator.onLine)
            this.timer = setTimeout (() => this.connect (), longest / 2 + Math.random () * longest / 2);
        render ();
    },
};

//  ---- the page

const LINKS = {
    off: ["", ""],
    connecting: ["", "Connecting"],
    live: ["live", "Live"],
    lost: ["lost", "Connection lost, trying again"],
    offline: ["lost", "Offline"],
};

function setText (node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

function show (id, isShown) {
    element (id).hidden = !isShown;
}

function age (ms) {
    const seconds = Math.max (0, Math.round (ms / 1000));
    if (seconds < 5)
        return "just now";
    if (seconds < 120)
        return `${seconds} s ago`;
    if (seconds < 7200)
        return `${Math.round (seconds / 60)} min ago`;
    return `${Math.round (seconds / 3600)} h ago`;
}

//  By halves: the span of all numbers is no number.
function spark (samples) {
    const least = Math.min (...samples) / 2, span = Math.max (...samples) / 2 - least;
    const step = 100 / (SAMPLES - 1), first = SAMPLES - samples.length;
    return samples.map ((sample, index) =>
        `${((first + index) * step).toFixed (1)},${(22 - (span ? (sample / 2 - least) / span : 0.5) * 20).toFixed (1)}`).join (" ");
}

//  Six digits tell a value; what would need many zeros around them has an exponent instead.
const plain = new Intl.NumberFormat (undefined, { maximumSignificantDigits: 6 });
const scientific = new Intl.NumberFormat (undefined, { maximumSignificantDigits: 6, notation: "scientific" });

function formatNumber (value) {
    const size = Math.abs (value);
    return (size === 0 || (size >= 1e-4 && size < 1e9) ? plain : scientific).format (value);
}

function renderValue (list, metric, value) {
    let row = value.row;
    if (!row) {
        row = value.row = element ("value-template").content.firstElementChild.cloneNode (true);
        row.dataset.metric = metric;
        row.querySelector ("dt").textContent = metric.replaceAll ("_", " ");
        const after = [...list.children].find ((other) => other.dataset.metric > metric);
        list.insertBefore (row, after ?? null);
    }
    setText (row.querySelector (".number"), formatNumber (value.value));
    row.querySelector ("polyline").setAttribute ("points", value.samples.length > 1 ? spark (value.samples) : "");
}

function renderDevice (device, now) {
    const list = element ("devices");
    let card = device.card;
    if (!card) {
        card = device.card = element ("device-template").content.firstElementChild.cloneNode (true);
        card.dataset.device = device.device;
        card.querySelector ("h3").textContent = device.device;
        const after = [...list.children].find ((other) => other.dataset.device > device.device);
        list.insertBefore (card, after ?? null);
    }
    const isStale = now - device.lastSeen > STALE_MS || state.link !== "live";
    card.classList.toggle ("stale", isStale);
    setText (card.querySelector (".state"), isStale ? "stale" : "live");
    const time = card.querySelector ("time");
    time.dateTime = new Date (device.lastSeen).toISOString ();
    setText (time, age (now - device.lastSeen));
    for (const [metric, value] of device.values)
        renderValue (card.querySelector ("dl"), metric, value);
}

function draw () {
    const signedIn = state.token !== null, count = state.devices.size, [linkClass, linkText] = LINKS [state.link];
    show ("sign-in-view", !signedIn);
    show ("devices-view", signedIn);
    show ("sign-out", signedIn);
    show ("sign-in-error", state.signInError !== "");
    setText (element ("sign-in-error"), state.signInError);
    element ("sign-in-button").disabled = state.signingIn;
    setText (element ("sign-in-button"), state.signingIn ? "Signing in…" : "Sign in");
    show ("link", signedIn && linkText !== "");
    element ("link").className = `link ${linkClass}`;
    setText (element ("link"), linkText);
    if (!signedIn)
        return;
    const isDown = state.link === "lost" || state.link === "offline";
    show ("notice", isDown);
    setText (element ("notice"), state.link === "offline" ? "You are offline. The values are those from before."
                                                          : isDown ? "The live connection is lost. The values may be stale." : "");
    show ("failure", state.failure !== "");
    setText (element ("failure-text"), state.failure);
    show ("loading", state.loading && count === 0);
    show ("empty", !state.loading && count === 0 && state.failure === "");
    show ("more", state.next !== null);
    element ("more").disabled = state.loading;
    setText (element ("summary"), count === 0 ? "" : count === 1 ? "1 device" : `${count} devices`);
    element ("devices").setAttribute ("aria-busy", String (state.loading));
    const now = Date.now ();
    for (const device of state.devices.values ())
        renderDevice (device, now);
}

let isDrawing = false;

function render () {
    if (isDrawing)
        return;
    isDrawing = true;
    requestAnimationFrame (() => {
        isDrawing = false;
        draw ();
    });
}

//  ---- begin

element ("sign-in").addEventListener ("submit", signIn);
element ("sign-out").addEventListener ("click", () => signOut (""));
element ("retry").addEventListener ("click", () => load (false));
element ("more").addEventListener ("click", () => load (true));
addEventListener ("online", () => state.token && live.start ());
addEventListener ("offline", () => state.token && live.retry ());
addEventListener ("pagehide", () => live.stop ());
addEventListener ("pageshow", (event) => event.persisted && state.token && live.start ());
setInterval (render, 1000);     //  Ages grow and values become stale with no event at all
draw ();
element ("username").focus ();
