#include "optimizers/busy_time.h"

#include <algorithm>

namespace optimizers {

std::int64_t BusyTime::earliest(std::int64_t ready, std::int64_t length) const {
  auto chunk = std::partition_point(chunks_.begin(), chunks_.end(), [ready](const Chunk& each) {
    return each.spans.back().end <= ready;
  });
  std::int64_t begin = ready;
  for (bool first = true; chunk != chunks_.end(); ++chunk, first = false) {
    if (!first && chunk->widest < length) {
      begin = chunk->spans.back().end;
      continue;
    }
    for (const auto& span : chunk->spans) {
      if (begin + length <= span.start) return begin;
      begin = std::max(begin, span.end);
    }
  }
  return begin;
}

void BusyTime::take(std::int64_t start, std::int64_t end) {
  const auto found =
      std::partition_point(chunks_.begin(), chunks_.end(),
                           [start](const Chunk& each) { return each.spans.back().start < start; });
  if (chunks_.empty()) chunks_.emplace_back();
  auto k = static_cast<std::size_t>(found - chunks_.begin());
  k = std::min(k, chunks_.size() - 1);
  auto& spans = chunks_[k].spans;
  spans.insert(std::partition_point(spans.begin(), spans.end(),
                                    [start](const Span& span) { return span.start < start; }),
               {start, end});
  if (spans.size() > most) {
    Chunk second;
    second.spans.assign(spans.begin() + most / 2, spans.end());
    spans.resize(most / 2);
    chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(k) + 1, std::move(second));
    note_gaps(k + 1);
  }
  note_gaps(k);
  if (k + 1 < chunks_.size()) note_gaps(k + 1);
}

void BusyTime::note_gaps(std::size_t chunk) {
  std::int64_t before = chunk == 0 ? 0 : chunks_[chunk - 1].spans.back().end;
  auto& widest = chunks_[chunk].widest;
  widest = 0;
  for (const auto& span : chunks_[chunk].spans) {
    widest = std::max(widest, span.start - before);
    before = span.end;
  }
}

}  // namespace optimizers
