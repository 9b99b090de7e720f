"""Tests that take long: how many of their rows run by day; by night all of them do.

A row is a set of parameters. What a test is about is seen in its first rows; none of them runs by
day where other tests there are about the same, or the matter seldom changes and takes a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

ROWS_BY_DAY = {
    "backends/closer_look/test_bias_correction.py::test_a_quick_run_leaves_it_out": 0,
    "backends/closer_look/test_bias_correction.py::test_it_takes_a_question_and_enough_samples": 1,
    "backends/closer_look/test_budgeted_plans.py"
    "::test_a_proof_is_made_on_as_many_samples_as_the_work_suffices_for": 0,
    "backends/closer_look/test_budgeted_plans.py"
    "::test_a_search_that_ends_early_has_a_set_all_the_same_and_says_so": 0,
    "backends/closer_look/test_budgeted_plans.py"
    "::test_where_no_set_is_proven_the_plan_says_that_one_may_exist": 0,
    "backends/closer_look/test_budgeted_plans.py"
    "::test_without_a_bound_the_set_is_shown_to_be_the_smallest": 0,
    "backends/closer_look/test_finer_scales.py::test_trials_travel_as_plain_data": 0,
    "backends/closer_look/test_finer_scales.py::test_what_is_not_tried_is_told": 0,
    "backends/closer_look/test_finer_scales.py::test_what_the_archive_has_is_not_tried": 0,
    "backends/closer_look/test_planner.py"
    "::test_the_plan_for_real_jets_is_what_the_compilers_rules_make_of_it": 0,
    "backends/closer_look/test_recalibration.py::test_a_quick_run_leaves_it_out": 0,
    "backends/closer_look/test_recalibration.py::test_it_takes_a_question_and_enough_samples": 1,
    "backends/closer_look/test_recalibration.py"
    "::test_what_it_foretells_is_what_the_quantizer_makes_of_these_data": 0,
    "backends/process/test_engine.py::test_it_ends_when_its_parent_dies": 1,
    "backends/process/test_process_bench.py"
    "::test_an_archive_that_is_not_quantized_is_held_against_its_original": 0,
    "backends/process/test_process_bench.py"
    "::test_an_interruption_before_anything_was_measured_ends_both_at_once": 0,
    "backends/process/test_process_bench.py::test_both_benches_answer_the_same": 0,
    "backends/process/test_process_bench.py::test_the_end_of_the_other_process_is_a_sentence": 4,
    "backends/sdk/test_comparison.py::test_engines_that_are_equal_do_not_part": 1,
    "backends/sdk/test_comparison.py::test_only_the_layer_that_differs_is_named": 1,
    "backends/sdk/test_end_to_end.py::test_a_version_that_is_not_known_warns_and_is_not_refused": 1,
    "backends/sdk/test_end_to_end.py::test_what_comes_of_it": 1,
    "backends/sdk/test_faults.py::test_auto_falls_back_and_gives_the_reason": 5,
    "backends/sdk/test_faults.py::test_both_falls_back_as_auto_does": 1,
    "backends/sdk/test_faults.py::test_only_the_layer_with_a_fault_is_not_measured": 1,
    "backends/sdk/test_faults.py::test_sdk_ends_with_a_sentence_on_what_to_do": 5,
    "backends/sdk/test_faults.py::test_the_sdk_measures_what_it_measures_without_the_fault": 1,
    "backends/sdk/test_graph_check.py::test_scales_are_compared_as_they_are_spelled": 1,
    "backends/sdk/test_left_to_the_engine.py"
    "::test_an_output_that_the_engine_cannot_run_is_missed": 1,
    "backends/sdk/test_left_to_the_engine.py::test_what_is_left_is_told_once": 0,
    "backends/sdk/test_networks.py::test_either_reading_gives_the_noise_of_our_engine": 1,
    "backends/sdk/test_same_findings.py::test_both_find_the_same": 1,
    "backends/sdk/test_same_findings.py"
    "::test_every_number_has_one_definition_whatever_the_batches": 1,
    "backends/stages/original/test_layer_reasons.py"
    "::test_a_batch_normalization_that_was_not_folded": 0,
    "backends/stages/original/test_layer_reasons.py"
    "::test_a_relu_that_is_added_twice_is_no_second_one": 0,
    "backends/stages/original/test_layer_reasons.py::test_a_resize_of_another_mode": 1,
    "backends/stages/original/test_layer_reasons.py::test_a_sigmoid_that_is_computed_twice": 1,
    "backends/stages/original/test_layer_reasons.py"
    "::test_a_sigmoid_that_is_missing_at_an_output": 1,
    "backends/stages/original/test_layer_reasons.py"
    "::test_a_softmax_that_is_missing_at_an_output": 1,
    "backends/stages/original/test_layer_reasons.py"
    "::test_an_activation_behind_sums_is_the_first_one": 0,
    "backends/stages/original/test_layer_reasons.py::test_an_activation_that_the_original_lacks": 1,
    "backends/stages/original/test_layer_reasons.py"
    "::test_without_names_the_values_lead_to_the_place": 0,
    "backends/stages/original/test_other_formats.py::test_a_convolution_that_begins_elsewhere": 0,
    "backends/stages/original/test_other_formats.py::test_the_same_network_is_equal": 2,
    "backends/stages/original/test_rearranged.py::test_a_concat_in_another_order": 1,
    "backends/stages/original/test_rearranged.py::test_a_transposed_kernel": 2,
    "backends/stages/original/test_rearranged.py"
    "::test_layers_that_were_added_one_behind_the_other": 1,
    "backends/stages/original/test_rearranged.py"
    "::test_of_two_added_layers_one_that_changes_nothing_is_not_told": 0,
    "backends/stages/test_modification_step.py::test_channels_that_leave_as_zero_are_counted": 1,
    "backends/test_emulation.py"
    "::test_an_interruption_keeps_what_was_measured_and_says_what_it_cut_off": 1,
    "backends/test_emulation.py::test_in_a_hurry_what_would_have_been_needed_is_said": 0,
    "backends/test_emulation.py::test_layers_that_were_searched_before_an_interruption_are_kept": 0,
    "backends/test_emulation.py::test_nothing_is_tried_on_a_handful_of_samples": 0,
    "backends/test_emulation.py::test_ranges_are_tried_as_far_as_the_work_goes": 0,
    "backends/test_emulation.py::test_ranges_are_tried_until_somebody_ends_that": 0,
    "backends/test_emulation.py::test_single_layers_are_measured_where_an_output_needs_it": 1,
    "backends/test_emulation.py::test_what_fails_behind_the_data_pass_does_not_void_it": 1,
    "backends/test_placement.py::test_everything_is_measured_again_on_the_cpu": 0,
    "backends/test_slices.py::test_slices_of_whole_batches_yield_what_one_pass_yields": 2,
    "baseline/test_comparability.py::test_hostile_names_are_known_again_and_do_no_harm": 3,
    "baseline/test_earlier_report.py::test_a_flipped_byte_is_read_or_refused_politely": 0,
    "baseline/test_earlier_report.py::test_a_wrong_value_anywhere_is_read_or_refused_politely": 0,
    "benchmarks/test_deep_network.py"
    "::test_scaling_channels_apart_leaves_the_float_network_as_it_was": 0,
    "benchmarks/test_onnx_graph.py::test_both_engines_agree": 0,
    "command/test_brief_console.py::test_a_dash_is_standard_output": 1,
    "command/test_brief_console.py::test_samples_go_to_standard_output": 0,
    "command/test_calibration_end_to_end.py::test_a_planted_fault_is_found_by_its_id_alone": 2,
    "command/test_clean_archives.py::test_the_classifiers_know_their_images": 1,
    "command/test_clean_archives.py::test_without_data_every_inspector_ran_to_its_end": 1,
    "command/test_clean_archives.py::test_without_data_nothing_is_wrong": 0,
    "command/test_data_as_they_lie.py"
    "::test_what_cannot_be_read_is_the_first_error_and_its_cure_is_next": 2,
    "command/test_help_at_hand.py::test_neither_writes_a_log_nor_imports_tensorflow": 0,
    "command/test_interruption.py::test_before_the_data_are_measured_nothing_is_reported": 0,
    "command/test_machine.py::test_a_debug_log_whose_name_is_too_long_is_named": 0,
    "command/test_machine.py::test_a_log_that_does_not_arrive_is_told_once": 0,
    "command/test_machine.py::test_a_report_to_a_closed_stream_lands_in_no_other_file": 0,
    "command/test_machine.py::test_a_tensorflow_that_does_not_load_leaves_the_static_part": 1,
    "command/test_machine.py::test_inputs_are_never_written": 1,
    "command/test_machine.py::test_it_starts_in_any_python": 0,
    "command/test_machine.py::test_outputs_that_are_no_inputs_are_written": 0,
    "command/test_machine.py::test_results_that_do_not_arrive_are_told": 0,
    "command/test_noise_real_archives.py::test_a_plan_keeps_what_it_promises": 0,
    "command/test_noise_real_archives.py::test_real_archives_have_the_known_ratios": 1,
    "command/test_noise_real_archives.py::test_sixteen_bit_add_less_noise_at_every_layer": 0,
    "command/test_own_inspectors.py"
    "::test_one_that_cannot_be_imported_is_named_and_the_rest_runs": 2,
    "command/test_pipes.py::test_a_log_that_nobody_reads_is_written_elsewhere": 0,
    "command/test_pipes.py::test_what_nobody_reads_is_not_waited_for": 1,
    "command/test_pipes.py::test_what_nobody_writes_is_not_waited_for": 2,
    "command/test_process.py::test_a_full_disk_behind_the_terminal_is_no_traceback": 0,
    "command/test_process.py::test_a_process_without_standard_output_still_writes_its_log": 0,
    "command/test_process.py::test_a_report_on_standard_output_is_not_mixed_with_lines": 0,
    "command/test_process.py::test_names_that_the_terminal_cannot_show_lose_no_line": 0,
    "command/test_process.py::test_static_runs_import_no_tensorflow": 1,
    "command/test_real_archives.py::test_data_like_those_of_calibration_raise_no_warning": 1,
    "command/test_signals.py::test_at_some_moments": 0,
    "command/test_signals.py::test_between_writing_and_renaming": 0,
    "command/test_stages.py"
    "::test_archives_that_are_not_quantized_are_judged_as_far_as_they_can_be": 1,
    "command/test_started.py::test_all_that_was_started_is_ended_with_what_takes_too_long": 0,
    "dataset/foreign/test_kinds.py::test_the_line_makes_the_array": 5,
    "dataset/recipes/test_recipes.py::test_the_line_gives_the_right_array": 8,
    "dataset/sources/test_deep_pictures.py::test_the_line_writes_their_values": 4,
    "dataset/test_positions.py::test_bars_at_the_sides_do_not_hide_the_picture": 2,
    "dataset/test_shapes.py::test_moved_axes_are_among_the_lines": 0,
    "device_outputs/test_among_all.py"
    "::test_results_that_are_late_lie_beside_samples_that_were_not_run": 1,
    "device_outputs/test_boxes.py::test_boxes_of_other_images_are_not_explained": 0,
    "device_outputs/test_boxes.py::test_centres_and_sizes_are_named": 0,
    "device_outputs/test_boxes.py::test_columns_and_labels_are_named": 0,
    "device_outputs/test_boxes.py::test_every_form_of_a_list_is_read": 0,
    "device_outputs/test_boxes_placed.py::test_lists_that_are_late": 0,
    "device_outputs/test_input_faults.py::test_bars_in_another_place_or_of_another_colour": 0,
    "device_outputs/test_input_faults.py::test_frames_letterboxed_where_samples_are_stretched": 0,
    "device_outputs/test_input_faults.py::test_frames_letterboxed_with_bars_below_alone": 0,
    "device_outputs/test_input_faults.py::test_other_parts_of_frames_are_not_their_middle": 0,
    "device_outputs/test_input_faults.py::test_the_middle_of_frames": 1,
    "device_outputs/test_input_faults.py"
    "::test_the_middle_of_frames_whose_samples_are_letterboxed": 0,
    "device_outputs/test_nearness.py"
    "::test_values_that_nothing_explains_tell_whether_the_scales_are_the_archives": 0,
    "device_outputs/test_order_faults.py"
    "::test_an_output_that_is_equal_clears_the_hef_and_the_input": 0,
    "device_outputs/test_order_faults.py::test_an_output_that_was_never_filled": 0,
    "device_outputs/test_order_faults.py::test_outputs_under_one_anothers_names_are_exchanged": 1,
    "device_outputs/test_reading.py::test_channels_in_two_parts": 1,
    "device_outputs/test_reading.py::test_codes_of_twice_as_many_frames_are_no_halves_of_words": 1,
    "device_outputs/test_samples_in_another_form.py::test_bgr_and_other_bars_are_both_named": 0,
    "device_outputs/test_samples_in_another_form.py"
    "::test_pictures_that_were_changed_otherwise_are_like_the_samples": 0,
    "device_outputs/test_stale_frames.py"
    "::test_frames_that_differ_at_all_outputs_are_not_missing_at_one": 0,
    "device_outputs/test_value_faults.py::test_equal_outputs_have_no_reasons": 3,
    "diagnosis/fleet/test_command.py::test_a_renamed_archive_is_compared_with_what_it_was": 0,
    "diagnosis/fleet/test_command.py"
    "::test_what_the_plan_ignores_counts_no_more_and_nothing_is_measured_anew": 0,
    "diagnosis/fleet/test_faults.py::test_a_folder_of_results_that_goes_away_is_named": 0,
    "diagnosis/fleet/test_faults.py::test_a_good_archive_is_diagnosed_among_others": 0,
    "diagnosis/fleet/test_faults.py::test_an_archive_that_cannot_be_read_is_named": 0,
    "diagnosis/fleet/test_faults.py::test_data_that_do_not_fit_are_told_as_by_the_command": 0,
    "diagnosis/fleet/test_faults.py::test_what_was_kept_and_is_damaged_is_measured_again": 0,
    "diagnosis/fleet/test_gone_workers.py::test_a_long_task_is_waited_for": 0,
    "diagnosis/fleet/test_gone_workers.py::test_what_own_workers_died_of_is_run_again_alone": 0,
    "diagnosis/fleet/test_gone_workers.py"
    "::test_where_own_workers_cannot_be_started_again_nobody_waits": 0,
    "diagnosis/fleet/test_parts.py::test_a_part_that_fails_is_told_as_by_the_command": 0,
    "diagnosis/fleet/test_parts.py::test_parts_that_others_answer_make_the_same_report": 0,
    "diagnosis/fleet/test_results_do_not_depend_on_workers.py"
    "::test_the_report_is_that_of_a_single_run": 0,
    "diagnosis/test_report_files.py::test_a_report_on_standard_output_is_not_mixed_with_lines": 0,
    "emulator/measuring/test_agreement_pass.py"
    "::test_all_layers_at_once_give_the_same_as_one_by_one": 0,
    "emulator/measuring/test_agreement_pass.py::test_real_scores": 1,
    "emulator/measuring/test_agreement_pass.py::test_the_size_of_the_batches_does_not_matter": 1,
    "emulator/measuring/test_agreement_pass.py::test_without_compiled_loops_all_is_the_same": 0,
    "emulator/measuring/test_bias_correction.py::test_a_bias_that_was_moved_is_moved_back": 0,
    "emulator/measuring/test_bias_correction.py"
    "::test_a_layer_whose_accumulator_has_no_known_scale_stays_as_it_is": 0,
    "emulator/measuring/test_bias_correction.py"
    "::test_every_layer_with_weights_is_corrected_and_nothing_else": 0,
    "emulator/measuring/test_table_errors.py::test_activations_that_are_lines_have_no_table": 0,
    "emulator/measuring/test_table_errors.py::test_the_error_is_that_of_lines_and_function": 1,
    "emulator/measuring/test_table_errors.py::test_the_size_of_the_batches_does_not_matter": 1,
    "emulator/measuring/test_trial.py::test_an_unchanged_network_has_the_ratio_of_the_data_pass": 0,
    "emulator/operations/test_convolution.py::test_a_stride_that_is_never_taken": 8,
    "emulator/operations/test_convolution.py::test_same_is_what_pytorch_pads_on_both_sides": 6,
    "emulator/operations/test_convolution.py"
    "::test_same_tensorflow_is_what_onnx_calls_same_upper": 3,
    "emulator/operations/test_elementwise.py::test_repeats_are_aabb_and_tiles_are_abab": 0,
    "emulator/quantized/test_output_stage.py::test_one_form_serves_several_traces": 0,
    "emulator/quantized/test_output_stage.py::test_tables_of_activations": 24,
    "emulator/quantized/test_quantized_run.py"
    "::test_codes_of_real_archives_are_those_of_the_hardware": 3,
    "examples/test_check_sdk.py::test_what_does_not_work_is_told": 1,
    "har/test_archive.py::test_extended_headers": 4,
    "inspectors/activation_tables/test_inspector.py"
    "::test_quiet_where_the_whole_function_is_used": 2,
    "inspectors/calibration/test_scrambled.py::test_the_line_restores_the_samples": 1,
    "inspectors/dfc_log/test_any_log.py::test_a_log_that_was_cut_off_says_less_and_nothing_else": 3,
    "inspectors/dfc_log/test_any_log.py"
    "::test_nothing_is_claimed_that_the_whole_log_does_not_say": 3,
    "inspectors/nms/test_advice.py::test_what_is_advised_is_enough": 0,
    "inspectors/nms/test_inspector.py::test_values_of_any_kind_are_survived": 1,
    "inspectors/noise/test_inspector.py::test_real_archives_show_what_is_known_of_them": 2,
    "inspectors/noise/test_limits.py::test_a_range_that_the_script_narrows_is_to_be_given_back": 2,
    "inspectors/normalization/test_given_data.py"
    "::test_the_line_restores_pixels_that_lie_in_another_order_as_well": 1,
    "inspectors/normalization/test_given_data.py::test_the_line_restores_the_pixels": 2,
    "inspectors/preparation/test_tournament.py"
    "::test_constants_that_fit_as_well_are_the_same_to_every_layer": 8,
    "inspectors/preparation/test_tournament.py::test_named": 5,
    "inspectors/preparation/test_tournament.py::test_whatever_was_done_to_pictures_is_undone": 10,
    "inspectors/test_device_inspector.py::test_what_nothing_explains_is_told_without_a_reason": 1,
    "installed/test_pipelines.py::test_a_network_without_errors_passes": 0,
    "installed/test_pipelines.py::test_no_input_becomes_a_part_of_a_script": 0,
    "installed/test_pipelines.py::test_scripts_are_checked_by_pattern": 0,
    "installed/test_pipelines.py::test_the_hook_checks_the_files_it_is_given": 0,
    "installed/test_pipelines.py::test_what_cannot_be_run_fails_the_job": 0,
    "model_script/lint/test_reading.py::test_hostile_texts_take_seconds_at_most": 3,
    "model_script/test_model_script.py::test_random_scripts_come_back_whole": 0,
    "mutations/test_found.py::test_an_output_whose_zero_points_are_empty": 0,
    "mutations/test_found.py::test_arrays_of_records": 1,
    "mutations/test_found.py::test_biases_whose_sums_are_no_codes": 0,
    "mutations/test_found.py::test_float_weights_that_are_complex": 0,
    "mutations/test_found.py::test_integer_weights_without_axes": 0,
    "mutations/test_found.py::test_outputs_of_a_chip_that_are_all_beyond_numbers": 0,
    "mutations/test_found.py::test_outputs_of_a_chip_that_cannot_be_squared": 0,
    "mutations/test_mutations.py::test_intact_files_make_no_fault": 2,
    "options/test_trial_import.py::test_a_library_that_asks_again_and_again_is_ended": 0,
    "quantizer/test_damaged_archives.py::test_damaged_arrays_never_crash": 1,
    "quantizer/writer/test_reproduction.py::test_arrays_have_the_same_keys_types_and_shapes": 10,
    "references/test_formats.py::test_inner_tensors_of_tflite": 0,
    "references/test_formats.py::test_models_of_tensorflow_give_what_they_gave": 2,
    "renderers/fleet/test_page.py::test_300_archives_are_listed_in_time": 0,
    "renderers/fleet/test_page.py::test_a_long_name_stays_in_its_column": 0,
    "renderers/fleet/test_page.py::test_archives_are_listed_sorted_and_filtered": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_a_logarithmic_axis_names_what_there_is_room_for": 0,
    "renderers/html/test_charts_in_browser.py::test_a_table_says_that_there_is_more_at_its_side": 0,
    "renderers/html/test_charts_in_browser.py::test_an_input_of_many_channels_is_sorted": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_channels_that_do_nothing_have_bands_of_their_own_and_are_last": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_the_run_before_and_this_one_are_joined_layer_by_layer": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_the_telling_layer_is_drawn_at_once_and_chosen_below": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_values_are_drawn_across_and_up_with_the_threshold": 0,
    "renderers/html/test_charts_in_browser.py"
    "::test_where_all_channels_do_something_there_is_no_band": 0,
    "renderers/html/test_charts_in_browser.py::test_without_a_threshold_all_values_are_alike": 0,
    "renderers/html/test_page.py::test_names_change_nothing_but_the_text": 3,
    "renderers/html/test_page.py::test_the_page_of_a_huge_network_stays_small": 0,
    "renderers/html/test_page_in_browser.py"
    "::test_channels_without_weights_are_counted_and_many_are_sorted": 0,
    "renderers/html/test_page_in_browser.py::test_charts_take_the_colours_of_the_scheme": 0,
    "renderers/html/test_page_in_browser.py::test_choosing_a_layer_draws_its_charts": 0,
    "renderers/html/test_page_in_browser.py::test_every_chart_is_drawn": 0,
    "renderers/html/test_page_in_browser.py::test_folded_charts_wait_until_they_are_opened": 0,
    "renderers/html/test_page_in_browser.py::test_large_counts_come_first_and_small_ratios": 0,
    "renderers/html/test_page_in_browser.py::test_layers_without_a_number_stay_at_the_end": 0,
    "renderers/html/test_page_in_browser.py::test_lines_are_copied": 0,
    "renderers/html/test_page_in_browser.py::test_printing_opens_everything_on_white": 0,
    "renderers/html/test_page_in_browser.py"
    "::test_the_table_is_filtered_by_text_type_and_findings": 0,
    "renderers/html/test_page_in_browser.py::test_zooming_needs_no_mouse": 0,
    "renderers/html/test_page_is_accessible.py::test_axe_finds_no_grave_fault": 1,
    "renderers/html/test_page_is_accessible.py::test_nothing_is_wider_than_the_window": 0,
    "renderers/html/test_page_is_accessible.py::test_the_keyboard_reaches_what_the_mouse_does": 0,
    "renderers/html/test_page_is_harmless.py::test_a_name_is_shown_as_it_is": 1,
    "renderers/html/test_page_is_harmless.py::test_harmful_names_do_no_harm": 1,
    "renderers/json/test_baseline_entry.py::test_hostile_names_do_no_harm": 3,
    "renderers/markdown/test_markdown.py::test_a_huge_report_is_shortened_and_says_so": 0,
    "sdk_standin/test_isolation.py::test_a_process_of_the_project_has_no_sdk": 0,
    "side_files/test_dfc_log.py::test_hostile_lines_cost_little": 1,
}


def left_for_the_night(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Rows behind those that run by day, among tests as they were collected."""
    seen: Counter[str] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0].removeprefix("tests/")
        if name in ROWS_BY_DAY and item.get_closest_marker("slow") is None:
            seen[name] += 1
            if seen[name] > ROWS_BY_DAY[name]:
                yield item
