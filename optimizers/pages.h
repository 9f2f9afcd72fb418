#pragma once

#include <array>
#include <memory>
#include <vector>

namespace optimizers {

/// A list whose copies share what they have in common: copying costs a pointer per page, writing
/// one page where it is shared.
template <class T>
class Pages {
 public:
  Pages() = default;
  Pages(int size, const T& value) {
    const auto page = std::make_shared<Page>();
    page->fill(value);
    pages_.assign(static_cast<std::size_t>((size + page_size - 1) / page_size), page);
  }

  const T& operator[](int index) const {
    return (*pages_[static_cast<std::size_t>(index / page_size)])[part(index)];
  }
  void set(int index, const T& value) {
    auto& page = pages_[static_cast<std::size_t>(index / page_size)];
    if (page.use_count() > 1) page = std::make_shared<Page>(*page);
    (*page)[part(index)] = value;
  }

 private:
  static constexpr int page_size = 512;
  using Page = std::array<T, page_size>;

  static std::size_t part(int index) { return static_cast<std::size_t>(index % page_size); }

  std::vector<std::shared_ptr<Page>> pages_;
};

}  // namespace optimizers
