// What only scripts reach: localStorage, sessionStorage and the cookies that a page may read. All else needs no script.
"use strict";
