// A model version's page: its charts.

import { drawCharts } from "./charts.js";

drawCharts();
