#include "decode/anomaly.h"

const struct pm_anomaly_text pm_anomaly_texts[PM_N_ANOMALIES] = {
#define PM_ANOMALY_TEXT(id, name, meaning) {name, meaning},
    PM_ANOMALIES(PM_ANOMALY_TEXT)
#undef PM_ANOMALY_TEXT
};
