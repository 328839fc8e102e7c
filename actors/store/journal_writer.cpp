#include "actors/store/journal_writer.hpp"

#include <caf/all.hpp>

namespace troupe {
namespace {

struct writer_actor : journal_writer::base {
  writer_actor(caf::actor_config& cfg, std::shared_ptr<store::journal> journal)
      : journal_writer::base(cfg), journal_(std::move(journal)) {}

  const char* name() const override { return "journal_writer"; }

  behavior_type make_behavior() override {
    return {[this](journal_open_atom) {
              journal_answer out;
              out.state = std::make_shared<store::journal_state>();
              out.result = journal_->open(*out.state);
              return out;
            },
            [this](journal_append_atom, const journal_batch& batch) {
              return journal_answer{journal_->append(*batch.events), nullptr, nullptr};
            },
            [this](journal_recover_atom, uint64_t since) {
              journal_answer out;
              out.events = std::make_shared<std::vector<store::event>>();
              out.result = journal_->recover(since, *out.events);
              return out;
            }};
  }

  void on_exit() override { journal_->close(); }

  std::shared_ptr<store::journal> journal_;
};

}  // namespace

journal_writer spawn_journal_writer(caf::actor_system& sys, std::shared_ptr<store::journal> journal,
                                    bool detached) {
  return detached ? sys.spawn<writer_actor, caf::detached>(std::move(journal))
                  : sys.spawn<writer_actor>(std::move(journal));
}

}  // namespace troupe
