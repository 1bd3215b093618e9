// What changes the state of the sandbox, one after the other. All other files leave it alone.

import "./state/try_it.js";
import "./state/markup.js";
