#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "models/network/tensor_value.h"

namespace models {

/// A weight that lies outside the model's file, as the file describes it. Texts, since that is what
/// it holds; empty where it says nothing.
struct ExternalPlace {
  std::string weight;  ///< for messages
  std::string location;
  std::string offset;
  std::string length;
};

/// The folder of a model, from which weights are mapped into memory, each file once.
class ExternalData {
 public:
  /// `source` is what messages start with.
  ExternalData(std::filesystem::path model, std::string source);

  /// Throws InputError for a location that leaves the folder of the model. Opens nothing.
  void check(const ExternalPlace& place) const;

  /// The elements, read-only: pages of the file, or a copy where they are not aligned. Throws
  /// InputError for a location outside the folder, a missing file, and a place that it does not
  /// hold or whose length does not fit the shape.
  TensorValue value(const ExternalPlace& place, ElementType type, const Shape& shape);

 private:
  struct Mapping;
  [[noreturn]] void refuse(const ExternalPlace& place, const std::string& why,
                           const std::string& remedy) const;
  std::filesystem::path followed(const ExternalPlace& place) const;
  std::shared_ptr<const Mapping> mapping(const ExternalPlace& place);

  std::string source_;
  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<const Mapping>> mappings_;  ///< by location
};

}  // namespace models
