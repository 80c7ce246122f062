// What every page does: take dropped files, show progress, offer choices for links, tell refusals beside forms.
import "./drop.js";
import "./forms.js";
import "./progress.js";
import "./download.js";
import "./links.js";
import "./toast.js";
import "./beside.js";
