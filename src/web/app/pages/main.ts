// What every page can do. Each behaviour is asked for by an attribute, and a page works without any of them.

import { begin as beginConfirm } from "./confirm";
import { begin as beginCopy } from "./copy";
import { begin as beginHtmx } from "./htmx";
import { begin as beginMenus } from "./menus";
import { begin as beginPrint } from "./print";
import { begin as beginRows } from "./rows";
import { begin as beginSearch } from "./search";
import { begin as beginSelect } from "./select";
import { begin as beginTheme } from "./theme";
import { begin as beginWedge } from "./wedge";

beginTheme();
beginHtmx();
for (const begin of [beginSearch, beginRows, beginWedge, beginCopy, beginSelect, beginConfirm, beginPrint, beginMenus]) begin();
