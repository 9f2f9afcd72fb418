#pragma once

#include "models/network/zoo.h"

namespace models {

Network make_resnet50(const ZooOptions& options);
Network make_mobilenet_v2(const ZooOptions& options);
Network make_bert_base(const ZooOptions& options);

}  // namespace models
