// What every page does: take dropped files, show progress, offer choices for links, keep what was typed.
import "./files.js";
import "./drop.js";
import "./forms.js";
import "./progress.js";
import "./download.js";
import "./links.js";
import "./menu.js";
import "./window.js";
import "./toast.js";
import "./keep.js";
import "./grow.js";
import "./beside.js";
import "./web.js";
import "./print.js";
import "./browse.js";
import "./copy_name.js";
import "./days.js";
import "./narrow.js";
import "./order.js";
import "./ask.js";
import "./copy.js";

// Not waited for: what every page does comes first. Without them codes are typed.
import("../scan/buttons.js").catch(() => {});
import("../scan/hand.js").catch(() => {});
