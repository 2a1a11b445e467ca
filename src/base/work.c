#include "base/work.h"

unsigned long pm_work;
